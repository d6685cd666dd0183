"""How the page looks: the reader's own light or dark, one column that fits a phone."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2024; --soft: #5b6470; --line: #dde1e6; --card: #f6f7f9;
  --stop: #b42318; --warn: #8a5a00; --note: #3458a4; --good: #1f7a3f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --ink: #e6e9ed; --soft: #9aa4b0; --line: #2c333a; --card: #1c2126;
    --stop: #ff8a7a; --warn: #e5b454; --note: #8fb2ff; --good: #6fd394;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
.verdict { border-left: 4px solid var(--good); padding-left: .75rem; }
.verdict.stop { border-color: var(--stop); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; }
article + article { margin-top: .75rem; }
article p::first-letter { text-transform: uppercase; }
.badge { color: var(--note); border: 1px solid; border-radius: 4px; padding: 0 .4rem; margin-right: .3rem; }
.stop .badge { color: var(--stop); }
.warn .badge { color: var(--warn); }
.remedy, figcaption, summary { color: var(--soft); }
.pictures { display: flex; flex-wrap: wrap; gap: .6rem; margin: .6rem 0; }
figure { margin: 0; width: 7.5rem; }
figcaption { font-size: .75rem; line-height: 1.3; overflow-wrap: anywhere; }
img { width: 64px; height: 64px; object-fit: contain; image-rendering: pixelated; border-radius: 4px; }
th img { width: 32px; height: 32px; vertical-align: middle; margin-right: .6rem; }
ul { margin: .3rem 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); font-weight: normal; }
tr:first-child th { color: var(--soft); }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.bar { width: 40%; }
meter { width: 100%; min-width: 5rem; height: .9rem; }
"""
