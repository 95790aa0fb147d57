// Goes on with a long import by itself, step by step; without this file there is a button.

const mark = document.querySelector("[data-go-on]");
const form = mark && document.getElementById(mark.dataset.goOn);
if (form) setTimeout(() => form.requestSubmit(), 300);
