// In served pages only: reload when the book was built again, and say when it could not be.
(() => {
    'use strict';
    const shown = document.currentScript.dataset; // the build, and whether it is a book
    let events = null;
    let notice = null;

    const say = problem => {
        notice?.remove();
        notice = null;
        if (problem && shown.book) {
            notice = document.createElement('div');
            notice.className = 'build-problem';
            notice.setAttribute('role', 'status');
            notice.style.cssText = 'position: fixed; inset: auto 0 0 0; z-index: 1000; max-height: 40vh;' +
                'overflow: auto; padding: 1rem 2rem; white-space: pre-wrap; background: var(--bg);' +
                'color: var(--fg); border-top: 2px solid var(--blockquote-caution-color)';
            notice.textContent = 'This page is not the newest: ' + problem;
            document.body.append(notice);
        }
    };

    const listen = () => {
        events = new EventSource('/-/events');
        events.addEventListener('book', event => {
            const book = JSON.parse(event.data);
            if (book.build !== shown.build) {
                location.reload();
            } else {
                say(book.problem);
            }
        });
    };

    // A browser opens six connections to a host. A tab that nobody looks at must not hold one.
    document.addEventListener('visibilitychange', () => {
        events?.close();
        events = null;
        if (!document.hidden) {
            listen();
        }
    });
    if (!document.hidden) {
        listen();
    }
})();
