//! The book in a browser, rebuilt when a file changes.
