// book.js
