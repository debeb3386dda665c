/* Material's script asks for a sitemap beside whatever is "alternate" and nothing else, which it takes for another
   language of the site. It looks once the page is read; the links to feeds say "alternate feed" by then. */
(() => {
  "use strict";
  const feeds = document.querySelectorAll('link[rel="alternate"][type="application/atom+xml"]');
  for (const link of feeds) link.rel = "alternate feed";
})();
