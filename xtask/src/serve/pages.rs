//! Answers to the browser.

use std::{convert::Infallible, path::Path};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
    routing::get,
};
use futures_util::stream::{self, Stream};
use tower_http::services::{ServeDir, ServeFile};

use super::site::Site;

/// The newest state of the book.
type Newest = tokio::sync::watch::Receiver<Site>;

/// A page is a few hundred kilobytes; `print.html` is all of them.
const LARGEST_PAGE: usize = 64 << 20;

/// All that the server answers: the book, and under `/-/` what only a served book has. No chapter's
/// address can begin like that.
pub fn router(newest: Newest) -> Router {
    let own = Router::new().route("/events", get(events)).route("/live.js", get(live));
    Router::new().nest("/-", own).fallback(page).with_state(newest)
}

/// Tells a page what the newest build is, at once and whenever that changes.
async fn events(State(mut newest): State<Newest>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    newest.mark_changed();
    Sse::new(stream::unfold(newest, async |mut newest| {
        newest.changed().await.ok()?;
        let book = {
            let site = newest.borrow_and_update();
            serde_json::json!({ "build": site.name(), "problem": site.problem() })
        };
        Some((Ok(Event::default().event("book").data(book.to_string())), newest))
    }))
}

async fn live() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript")], include_str!("live.js"))
}

/// A file of the book, or the book's own page for what is not there.
async fn page(State(newest): State<Newest>, mut request: Request) -> Response {
    let site = newest.borrow().clone();
    let Some(folder) = site.pages() else { return no_book(&site) };
    // A page grows by the script, so the length in an answer to HEAD is that of a GET, too; the body
    // stays behind.
    if request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    let mut response = match file(folder.path(), request).await {
        Ok(response) => live_page(response, &site).await,
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    };
    // A book that was built twice within a second has files with the same date.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn file(folder: &Path, request: Request) -> std::io::Result<Response> {
    let not_found = ServeFile::new(folder.join("404.html"));
    let response = ServeDir::new(folder).not_found_service(not_found).try_call(request).await?;
    Ok(response.map(Body::new))
}

/// Adds the script that keeps a page up to date. The files on disk are those of the static site.
async fn live_page(response: Response, site: &Site) -> Response {
    let whole = matches!(response.status(), StatusCode::OK | StatusCode::NOT_FOUND);
    let html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !(whole && html) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.remove(header::ACCEPT_RANGES);
    match to_bytes(body, LARGEST_PAGE).await {
        Ok(page) => {
            let page = with_script(&String::from_utf8_lossy(&page), site);
            Response::from_parts(head, page.into())
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn with_script(page: &str, site: &Site) -> String {
    let book = if site.has_pages() { " data-book=\"yes\"" } else { "" };
    let script = format!("<script src=\"/-/live.js\" data-build=\"{}\"{book}></script>\n", site.name());
    let end = page.rfind("</body>").unwrap_or(page.len());
    [&page[..end], &script, &page[end..]].concat()
}

/// What a writer sees whose first build failed: the reason, until a save repairs it.
fn no_book(site: &Site) -> Response {
    let problem = escape(site.problem().unwrap_or_default());
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>The book does not build</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <style>:root {{ color-scheme: light dark }} body {{ font-family: sans-serif; margin: 2em }}\n\
         pre {{ white-space: pre-wrap }}</style></head>\n\
         <body>\n<h1>The book does not build</h1>\n<pre>{problem}</pre>\n\
         <p>The next save builds again, and this page then shows the book.</p>\n</body>\n</html>\n"
    );
    let head = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::SERVICE_UNAVAILABLE, head, with_script(&page, site)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
