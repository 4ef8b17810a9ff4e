// What the book's pages do beyond mdBook's own script, which runs before this one. (A file of its name,
// theme/book.js, would replace it.)
'use strict';

// Copy gives the whole program. mdBook's button leaves the hidden lines out, and what is left does not
// compile. Other blocks have nothing hidden.
(() => {
    const text = window.playground_text;
    window.playground_text = (pre, hidden) => {
        const program = pre.querySelector('code.language-rust') !== null;
        return text(pre, hidden || program);
    };
    for (const button of document.querySelectorAll('pre:has(> code.language-rust) .clip-button')) {
        button.title = 'Copy the whole program';
        button.setAttribute('aria-label', button.title);
    }
})();

// The keyboard can scroll a line that is longer than its box.
(() => {
    const boxes = document.querySelectorAll('pre > code, .table-wrapper');
    const reach = () => {
        for (const box of boxes) {
            if (box.scrollWidth > box.clientWidth) {
                box.tabIndex = 0;
            } else {
                box.removeAttribute('tabindex');
            }
        }
    };
    window.addEventListener('resize', reach);
    document.addEventListener('toggle', reach, true);
    reach();
})();
