//! The style sheet of the page: light and dark, screen and paper.

/// The style sheet. The filters are rules: a box that is not ticked hides what has its class.
pub(super) const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8888;--good:#0a5c2b;--bad:#a3161b;--doubt:#6b4700;--dim:#565b62;--page:#fff;--text:#1b1e21;--back:#f1f3f5}\
@media(prefers-color-scheme:dark){:root{--good:#7fd89b;--bad:#ff8a85;--doubt:#f0c060;--dim:#a9b0b8;--page:#16191c;--text:#e8eaec;--back:#24292e}}\
html{background:var(--page);color:var(--text)}body{font:.9375rem/1.45 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:.75rem;overflow-wrap:anywhere}\
h1{font-size:1.25rem;margin:.2rem 0}h2{font-size:1.05rem;margin:1rem 0 .3rem}h3{font-size:.95rem;margin:.6rem 0 .2rem}\
p{margin:.3rem 0}code,pre{font:.8125rem/1.4 ui-monospace,monospace}\
a{color:inherit}a:focus-visible,summary:focus-visible,input:focus-visible{outline:2px solid;outline-offset:2px}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.1rem .5rem .1rem 0;\
border-bottom:1px solid var(--line)}main>table :is(td,th):not(:last-child){white-space:nowrap}\
fieldset{border:1px solid var(--line);display:inline-flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.3rem .5rem .3rem 0;\
padding:.1rem .6rem .3rem}\
.pass{color:var(--good)}.fail,.stale,.harness_error,.not_judged,.cause{color:var(--bad)}\
.not_exercised,.not_observable{color:var(--doubt)}.dim,.unsupported,.known_failure{color:var(--dim)}\
tr[class],details.card{color:var(--text)}\
.box{border-left:.3rem solid var(--bad);padding-left:.8rem}\
details.card{border-left:.3rem solid var(--bad);padding:.15rem 0 .15rem .7rem;margin:.35rem 0}\
details.card.lesser{border-color:var(--doubt)}summary{cursor:pointer}\
summary .observed{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;color:var(--dim)}\
td .note{display:block;color:var(--dim)}details[open]>summary .observed{display:none}dl{scroll-margin-top:4rem}details:has(>:target){background:var(--back)}\
dl{margin:.3rem 0}dt{font-weight:600}dd{margin:0 0 .3rem}\
@media(min-width:40rem){dl{display:grid;grid-template-columns:6rem 1fr}dt,dd{margin:0 0 .15rem}}\
pre{padding:.4rem;border:1px solid var(--line);white-space:pre-wrap;margin:.3rem 0}\
@media(max-width:34rem){td,th{font-size:.8125rem}main>table :is(td,th):nth-child(3){white-space:normal;overflow-wrap:normal}}\
@media print{fieldset,summary .observed{display:none}h2{break-after:avoid}body{max-width:none}details.card{break-inside:avoid}\
details.card::details-content{content-visibility:visible;height:auto}}";
