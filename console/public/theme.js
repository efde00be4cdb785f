// Before the first paint, so that a page that was made dark does not flash: what the toggle has kept.
const kept = localStorage.getItem('presage.theme');
if (kept === 'light' || kept === 'dark') document.documentElement.dataset.theme = kept;
