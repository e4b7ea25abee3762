// Draws trips on a map, with a clock of its own. No library, no request, no markup from data:
// every text goes through textContent or fillText.
function guiderailPlayer(root, data, onTime, onSay) {
  // English words are the keys of the table of translations.
  const L = (text) => (data.words && data.words[text]) || text;
  const STYLE = `
  .gr{--bg:#fff;--fg:#1b1f24;--dim:#5c6570;--line:#d5dae0;--panel:#f5f7f9;--map:#fbfbf9;
    --road:#c3c9d0;--big:#9aa3ad;--edge:#e3e6ea;--route:#0072b2;--old:#7fb4d6;--trail:#1b1f24;
    --yes:#00795a;--no:#b34700;--warn:#cc79a7;--closed:#b34700;
    color:var(--fg);font:14px/1.4 system-ui,"Noto Sans",sans-serif;
    display:grid;grid-template-columns:minmax(0,1fr) 320px;gap:12px;outline:none}
  .gr.dark{--bg:#161616;--fg:#ececec;--dim:#a3a8ad;--line:#3b3d40;--panel:#202122;--map:#1b1c1e;
    --road:#43474c;--big:#666c73;--edge:#2a2c2e;--route:#56b4e9;--old:#2b5f82;--trail:#e8eaed;
    --yes:#35c598;--no:#ff9c57;--warn:#e79ac8;--closed:#ff9c57}
  .gr .maps{display:grid;gap:8px;grid-template-columns:1fr}
  .gr .maps.many{grid-template-columns:1fr 1fr}
  .gr .pane{position:relative;border:1px solid var(--line);border-radius:6px;overflow:hidden;
    background:var(--map)}
  .gr .pane.on{border-color:var(--route);box-shadow:0 0 0 1px var(--route)}
  .gr canvas{display:block;width:100%;touch-action:none;cursor:grab;position:relative}
  .gr canvas.back{position:absolute;left:0;top:0}
  .gr .tag{position:absolute;left:8px;top:6px;background:var(--bg);border:1px solid var(--line);
    border-radius:4px;padding:1px 7px;font-size:12.5px;white-space:nowrap;pointer-events:none}
  .gr .tag b{font-weight:600}
  .gr .credit{position:absolute;right:0;bottom:0;background:var(--bg);opacity:.85;font-size:10px;white-space:nowrap;
    padding:1px 6px;color:var(--dim);pointer-events:none}
  .gr .bar .time{display:flex;gap:8px;flex:1 0 100%;order:-1;align-items:center}
  .gr .bar{display:flex;gap:6px;align-items:center;flex-wrap:wrap;padding:8px 0}
  .gr button,.gr select{font:inherit;color:var(--fg);background:var(--panel);cursor:pointer;
    border:1px solid var(--line);border-radius:5px;padding:4px 10px;min-height:32px}
  .gr button:hover{border-color:var(--route)}
  .gr button:focus-visible,.gr select:focus-visible,.gr input:focus-visible,
  .gr:focus-visible .bar{outline:2px solid var(--route);outline-offset:1px}
  .gr input[type=range]{flex:1;min-width:120px;accent-color:var(--route)}
  .gr .clock{font-variant-numeric:tabular-nums;min-width:104px;text-align:right}
  .gr .legend{display:flex;flex-wrap:wrap;gap:4px 14px;color:var(--dim);font-size:12.5px}
  .gr .legend span{white-space:nowrap}
  .gr .legend canvas{display:inline-block;width:22px;height:12px;vertical-align:-1px;cursor:auto}
  .gr .side{min-width:0}
  .gr .talk{overflow:auto;border:1px solid var(--line);border-radius:6px;background:var(--panel)}
  .gr .item{padding:8px 10px;border-bottom:1px solid var(--line);cursor:pointer;opacity:.6}
  .gr .item.past{opacity:1}
  .gr .item.now{background:var(--bg);box-shadow:inset 3px 0 var(--route)}
  .gr .when{color:var(--dim);font-size:12px;font-variant-numeric:tabular-nums}
  .gr .words{margin:2px 0;overflow-wrap:anywhere}
  .gr .chip{display:inline-block;border:1px solid currentColor;border-radius:9px;font-size:11.5px;
    padding:0 7px;margin-left:6px}
  .gr .yes{color:var(--yes)} .gr .no{color:var(--no)} .gr .lie{color:var(--warn)}
  .gr .because{overflow-wrap:anywhere}
  .gr table{border-collapse:collapse;font-size:12.5px;margin-top:4px;width:100%}
  .gr td{padding:0 8px 0 0;vertical-align:top;border:0;color:var(--dim)}
  .gr td+td{color:var(--fg);text-align:right;padding:0}
  .gr .event{color:var(--no);font-size:13px}
  .gr .event.route,.gr .event.loop,.gr .event.missed{color:var(--route)} .gr .event.near_miss,.gr .event.conflict{color:var(--warn)}
  .gr .say{display:flex;gap:6px;flex-wrap:wrap;padding:8px 0 4px}
  .gr .say input{flex:1 1 420px;min-width:0;font:inherit;color:var(--fg);background:var(--bg);
    border:1px solid var(--line);border-radius:5px;padding:5px 9px}
  .gr .menu{position:absolute;z-index:2;display:flex;flex-direction:column;gap:4px;padding:6px;
    background:var(--bg);border:1px solid var(--route);border-radius:6px;max-width:240px}
  .gr .menu button{text-align:left;overflow-wrap:anywhere}
  .gr h3{font-size:14px;font-weight:600;margin:0 0 6px;padding:0}
  .gr .sum{color:var(--dim);margin:6px 0 0;font-size:13px}
  @media (max-width:760px){.gr{grid-template-columns:minmax(0,1fr)}
    .gr .maps.many{grid-template-columns:1fr}}`;
  const make = (tag, cls, text) => {
    const e = document.createElement(tag);
    if (cls) e.className = cls;
    if (text !== undefined) e.textContent = text;
    return e;
  };
  const named = (identifier) => L(identifier.replaceAll("_", " "));
  const SPEEDS = [0.5, 1, 2, 5, 10, 20];
  const trips = data.trips, map = data.map;
  const end = Math.max(...trips.map((d) => d.end));
  let t = Math.min(Math.max(data.start || 0, 0), end);
  let playing = !!data.play, speed = 5, focus = 0, follow = false;
  let last = 0, reported = t, resting = 0, frame = 0, alive = true, dirty = true;
  const stats = {cost: 0, frames: 0, since: performance.now(), fps: 0};

  root.replaceChildren();
  const style = make("style"); style.textContent = STYLE; root.append(style);
  const box = make("div", "gr" + (data.dark ? " dark" : "")); box.tabIndex = 0; root.append(box);
  const left = make("div"), side = make("div", "side"); box.append(left, side);
  const maps = make("div", "maps" + (trips.length > 1 ? " many" : "")); left.append(maps);
  const color = (name) => getComputedStyle(box).getPropertyValue("--" + name).trim();
  const theme = {};
  for (const n of ["bg", "fg", "dim", "map", "road", "big", "edge", "route", "old", "trail", "yes",
    "no", "warn", "closed"]) theme[n] = color(n);

  // -- the view: one for all panes, so that they can be compared
  const xs = [], ys = [];
  for (const d of trips) { xs.push(...d.x, d.goal[0]); ys.push(...d.y, d.goal[1]); }
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)], [y0, y1] = [Math.min(...ys), Math.max(...ys)];
  const view = {x: (x0 + x1) / 2, y: (y0 + y1) / 2, k: 0};
  const height = trips.length > 1 ? 300 : 520;
  const fit = (w) => Math.min((w - 70) / Math.max(x1 - x0, 800), (height - 80) / Math.max(y1 - y0, 800));

  const panes = trips.map((d, i) => {
    const pane = make("div", "pane" + (i === 0 && trips.length > 1 ? " on" : ""));
    const canvas = make("canvas"); canvas.style.height = height + "px";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", L("Map with the trip of") + " " + named(d.arm));
    const tag = make("div", "tag"), name = make("b", "", named(d.arm)), live = make("span");
    tag.append(name, live); const back = make("canvas", "back"); back.style.height = height + "px";
    const mid = make("canvas", "back"); mid.style.height = height + "px";
    pane.append(back, mid, canvas, tag, make("div", "credit", map.credit));
    maps.append(pane);
    const p = {d, canvas, pane, live, back, mid, key: "", midKey: "", drawn: 0};
    let grab = null, still = true;
    canvas.addEventListener("pointerdown", (e) => {
      grab = {x: e.clientX, y: e.clientY}; still = true; canvas.setPointerCapture(e.pointerId); focusOn(i);
    });
    canvas.addEventListener("pointermove", (e) => {
      if (!grab || (still && Math.hypot(e.clientX - grab.x, e.clientY - grab.y) < 4)) return;
      still = false; view.x -= (e.clientX - grab.x) / view.k; view.y += (e.clientY - grab.y) / view.k;
      grab = {x: e.clientX, y: e.clientY}; setFollow(false); dirty = true;
    });
    canvas.addEventListener("pointerup", (e) => {
      grab = null; if (still && data.game) offer(p, e.offsetX, e.offsetY);
    });
    canvas.addEventListener("wheel", (e) => {
      e.preventDefault(); zoom(Math.exp(-e.deltaY * 0.0015));
    }, {passive: false});
    return p;
  });
  function zoom(by) { view.k = Math.min(8, Math.max(0.005, view.k * by)); dirty = true; }

  // -- controls
  const bar = make("div", "bar"); left.append(bar);
  const button = (text, title, act) => {
    const b = make("button", "", L(text)); b.title = L(title); b.type = "button";
    b.setAttribute("aria-label", L(title)); b.addEventListener("click", act); bar.append(b); return b;
  };
  const playButton = button("Play", "Play or pause (space)", toggle);
  button("◀ event", "Back to the previous message or event (left arrow)", () => jump(-1));
  button("event ▶", "On to the next message or event (right arrow)", () => jump(1));
  const scrub = make("input"); scrub.type = "range"; scrub.min = 0; scrub.max = end; scrub.step = 0.1;
  scrub.setAttribute("aria-label", L("Time in the trip"));
  scrub.addEventListener("input", () => { set(Number(scrub.value)); });
  const clock = make("span", "clock"), time = make("div", "time"); time.append(scrub, clock); bar.append(time);
  const rate = make("select"); rate.setAttribute("aria-label", L("Speed of the playback")); rate.title = L("Speed of the playback");
  for (const s of SPEEDS) { const o = make("option", "", s + "×"); o.value = s; rate.append(o); }
  rate.value = String(speed);
  rate.addEventListener("change", () => { speed = Number(rate.value); }); bar.append(rate);
  button("+", "Zoom in (+)", () => zoom(1.5)); button("−", "Zoom out (-)", () => zoom(1 / 1.5));
  button("Fit", "Show the whole trip (f)", () => { view.k = 0; setFollow(false); dirty = true; });
  const followButton = button("Follow", "Keep the car in the middle (c)", () => setFollow(!follow));
  function setFollow(on) {
    if (on && !follow && view.k < 0.16) view.k = 0.16;
    follow = on; followButton.style.borderColor = on ? "var(--route)" : ""; dirty = true;
    followButton.setAttribute("aria-pressed", on);
  }
  function toggle() {
    if (!playing && t >= end) t = 0;
    playing = !playing; dirty = true; tell();
  }
  function set(to) { t = Math.min(Math.max(to, 0), end); dirty = true; tell(); }
  function moments() {
    const d = trips[focus];
    return [...new Set([...d.talk, ...d.marks, ...d.routes].map((e) => e.t))].sort((a, b) => a - b);
  }
  function jump(way) {
    playing = false;
    const all = moments();
    const to = way > 0 ? all.find((m) => m > t + 0.05) : all.reverse().find((m) => m < t - 0.05);
    set(to === undefined ? (way > 0 ? end : 0) : to);
  }
  box.addEventListener("keydown", (e) => {
    if (["SELECT", "INPUT", "BUTTON"].includes(e.target.tagName) && e.key === " ") return;
    if (e.target.tagName === "INPUT" || e.target.tagName === "SELECT") return;
    const step = (by) => { playing = false; set(t + by); };
    const keys = {" ": toggle, ArrowRight: () => jump(1), ArrowLeft: () => jump(-1),
      ",": () => step(-1), ".": () => step(1), Home: () => step(-end), End: () => step(end),
      "+": () => zoom(1.5), "-": () => zoom(1 / 1.5), f: () => { view.k = 0; dirty = true; },
      c: () => setFollow(!follow)};
    for (let i = 0; i < trips.length; i++) keys[i + 1] = () => focusOn(i);
    if (keys[e.key]) { keys[e.key](); e.preventDefault(); }
  });

  // -- the seat of the guide: words at the time that the car has reached
  let menu = null;
  function say(text, typed) {
    if (!text.trim() || !onSay) return;
    onSay({text: text.trim(), t: Math.round(t * 10) / 10, typed: !!typed});
    playing = false; tell(true);
  }
  function seat() {
    const form = make("form", "say"), input = make("input");
    input.maxLength = 120; input.placeholder = L("turn left, take ROAD, via PLACE, avoid ROAD, cancel");
    input.setAttribute("aria-label", L("Say")); input.autocomplete = "off";
    const send = make("button", "", L("Say it")); send.type = "submit"; form.append(input, send);
    for (const words of ["turn left", "turn right", "go straight", "turn back", "cancel"]) {
      const b = make("button", "", L(words)); b.type = "button";
      b.addEventListener("click", () => say(words)); form.append(b);
    }
    form.addEventListener("submit", (e) => { e.preventDefault(); say(input.value, true); input.value = ""; });
    left.insertBefore(form, bar);
  }
  // What lies under the pointer becomes proposals to choose from.
  function offer(p, px, py) {
    if (menu) menu.remove();
    const w = p.canvas.clientWidth, x = view.x + (px - w / 2) / view.k, y = view.y - (py - height / 2) / view.k;
    const near = 16 / view.k, lines = [];
    const place = nearest(data.game.places, (o) => Math.hypot(o.x - x, o.y - y), near);
    const road = nearest(map.roads.filter((o) => o.n), (o) => away(o.p, x, y), near);
    if (place) lines.push(["via", place.n], ["go to", place.n]);
    if (road) lines.push(["take", road.n], ["avoid", road.n]);
    if (!lines.length) { menu = null; return; }
    menu = make("div", "menu"); menu.style.left = Math.min(px, w - 200) + "px"; menu.style.top = Math.min(py, height - 150) + "px";
    for (const [verb, name] of lines) {
      const b = make("button", "", L(verb) + " " + name); b.type = "button";
      b.addEventListener("click", () => { menu.remove(); say(verb + " " + name); }); menu.append(b);
    }
    p.pane.append(menu); menu.firstChild.focus();
  }
  function nearest(all, distance, within) {
    let best = null, least = within;
    for (const one of all) { const d = distance(one); if (d < least) { least = d; best = one; } }
    return best;
  }
  function away(p, x, y) {
    let least = Infinity;
    for (let i = 0; i + 3 < p.length; i += 2) {
      const dx = p[i + 2] - p[i], dy = p[i + 3] - p[i + 1], size = dx * dx + dy * dy || 1;
      const share = Math.min(1, Math.max(0, ((x - p[i]) * dx + (y - p[i + 1]) * dy) / size));
      least = Math.min(least, Math.hypot(p[i] + share * dx - x, p[i + 1] + share * dy - y));
    }
    return least;
  }
  if (data.game) seat();

  // -- legend
  const legend = make("div", "legend"); left.append(legend);
  const entry = (text, paint) => {
    const s = make("span"), c = make("canvas"); c.width = 44; c.height = 24;
    const g = c.getContext("2d"); g.scale(2, 2); g.lineCap = "round"; paint(g);
    s.append(c, " " + L(text)); legend.append(s);
  };
  const stroke = (g, col, width, dash) => {
    g.strokeStyle = col; g.lineWidth = width; g.setLineDash(dash || []);
    g.beginPath(); g.moveTo(2, 6); g.lineTo(20, 6); g.stroke();
  };
  entry("driven", (g) => stroke(g, theme.trail, 2.5));
  entry("planned", (g) => stroke(g, theme.route, 4));
  entry("planned before", (g) => stroke(g, theme.old, 3, [4, 4]));
  entry("closed", (g) => stroke(g, theme.closed, 3, [2, 4]));
  entry("message accepted", (g) => message(g, 11, 6, "accept", 5));
  entry("refused", (g) => message(g, 11, 6, "refuse", 5));
  entry("missed turn", (g) => symbol(g, 11, 6, "missed"));
  entry("loop", (g) => symbol(g, 11, 6, "loop"));
  entry("near miss", (g) => symbol(g, 11, 6, "near_miss"));
  entry("conflict or hard brake", (g) => symbol(g, 11, 6, "conflict"));
  entry("infraction", (g) => symbol(g, 11, 6, "infraction"));
  entry("signal", (g) => dot(g, 11, 6, 2.5, theme.dim));
  entry("banned turn", (g) => ban(g, 11, 6));
  if (data.game) entry("place", (g) => dot(g, 11, 6, 2.2, theme.old));

  // -- conversation
  const title = make("h3"), talk = make("div", "talk"), sum = make("p", "sum");
  side.append(title, talk, sum);
  const clockText = (s) => Math.floor(s / 60) + ":" + (s % 60).toFixed(1).padStart(4, "0");
  let items = [];
  function focusOn(i) {
    if (i === focus && items.length) return;
    focus = i; panes.forEach((p, k) => p.pane.classList.toggle("on", k === i && trips.length > 1));
    const d = trips[i];
    title.textContent = L("Conversation") + ": " + named(d.arm);
    talk.replaceChildren(); items = [];
    const changes = d.routes.slice(1).map((e) => ({t: e.t, kind: "route", what: "new route", whose: named(e.cause)}));
    const all = [...d.talk.map((e) => [e, true]), ...[...d.marks, ...changes].map((e) => [e, false])];
    all.sort((a, b) => a[0].t - b[0].t);
    for (const [e, said] of all) {
      const item = make("div", "item"); item.append(make("div", "when", clockText(e.t)));
      item.firstChild.textContent += said ? `  ·  ${e.left_m} m ${L("before the junction")}, ${e.kmh} km/h` : "";
      if (said) spoken(item, e); else item.append(happened(e));
      item.addEventListener("click", () => { playing = false; set(e.t); });
      talk.append(item); items.push([e.t, item]);
    }
    if (!all.length) talk.append(make("div", "item past", L("Nothing is said and nothing happens on this trip.")));
    const cost = d.detour_s === null ? [] : [`${signed(d.detour_s, 1)} s ${L("against no guide")}`];
    sum.textContent = [`${named(d.outcome)}, ${d.end.toFixed(1)} s`, ...cost, `${L("refused")} ${d.refused}`,
      `${L("missed turns")} ${d.missed}`, `${L("loops")} ${d.loops}`,
      `${L("infractions")} ${d.infractions} (${L("by the guide")} ${d.by_guide})`].join(" · ");
    dirty = true; tell(true);
  }
  const signed = (value, digits) => (value >= 0 ? "+" : "") + value.toFixed(digits);
  function happened(e) {
    const where = e.place ? " " + e.place : "", grade = e.severity ? ` (${L(e.severity)})` : "";
    const line = make("div", "event " + e.kind, L(e.what) + where + grade + (e.whose ? ", " + L(e.whose) : ""));
    return line;
  }
  // A request is one of few words and a name: the word is ours to translate, the name is not.
  const ASKS = ["turn", "take road", "via", "go to", "avoid", "cancel"], SIDES = ["left", "right", "straight", "back"];
  function wish(text) {
    const ask = ASKS.find((one) => text === one || text.startsWith(one + " "));
    if (!ask) return text;
    const what = text.slice(ask.length + 1);
    return (L(ask) + " " + (ask === "turn" && SIDES.includes(what) ? L(what) : what)).trim();
  }
  function spoken(item, e) {
    const words = make("div", "words", "“" + e.words + "”");
    if (e.kind) { const c = make("span", "chip lie", named(e.kind)); c.title = L("what it truly was"); words.append(c); }
    item.append(words);
    if (e.decision) {
      const good = e.decision === "accept", line = make("div", "because");
      const head = make("b", good ? "yes" : "no", (good ? "✓ " : "✕ ") + L({accept: "accepted", refuse: "refused"}[e.decision]));
      const price = e.price === null ? "" : ` (${signed(e.price, 0)} s)`;
      line.append(head, `: ${L(e.because)}${price}`); item.append(line);
      if (e.wish) item.append(make("div", "when", L("asks for") + ": " + wish(e.wish)));
      if (e.offer) item.append(make("div", "when", L("offers instead") + ": " + wish(e.offer)));
    }
    if (e.view.length) {
      const table = make("table");
      for (const [k, v] of e.view) { const r = make("tr"); r.append(make("td", "", L(k)), make("td", "", L(v))); table.append(r); }
      item.append(table);
    }
  }

  // -- drawing
  function dot(g, x, y, r, col) { g.fillStyle = col; g.beginPath(); g.arc(x, y, r, 0, 7); g.fill(); }
  function ban(g, x, y) {
    g.strokeStyle = theme.closed; g.lineWidth = 1.4; g.setLineDash([]);
    g.beginPath(); g.arc(x, y, 3.4, 0, 7); g.moveTo(x - 2.4, y - 2.4); g.lineTo(x + 2.4, y + 2.4); g.stroke();
  }
  function message(g, x, y, decision, r) {
    g.setLineDash([]); g.lineWidth = 1.6; g.strokeStyle = theme.bg;
    g.fillStyle = decision === "accept" ? theme.yes : decision ? theme.no : theme.dim;
    g.beginPath();
    if (decision === "refuse") g.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7); else g.arc(x, y, r, 0, 7);
    g.fill(); g.stroke();
  }
  function symbol(g, x, y, kind) {
    g.setLineDash([]); g.lineWidth = 1.5; g.strokeStyle = theme.bg;
    g.fillStyle = {missed: theme.route, loop: theme.dim, near_miss: theme.warn, conflict: theme.bg}[kind] || theme.no;
    if (kind === "conflict") g.strokeStyle = theme.warn;
    g.beginPath();
    if (kind === "infraction") { for (let i = 0; i < 10; i++) { const a = Math.PI * i / 5 - 1.57, r = i % 2 ? 3 : 6.5; g.lineTo(x + r * Math.cos(a), y + r * Math.sin(a)); } }
    else if (kind === "missed") { g.moveTo(x, y - 5.5); g.lineTo(x + 5.5, y + 4.5); g.lineTo(x - 5.5, y + 4.5); }
    else if (kind === "near_miss" || kind === "conflict") { g.moveTo(x, y - 5.5); g.lineTo(x + 5.5, y); g.lineTo(x, y + 5.5); g.lineTo(x - 5.5, y); }
    else { g.strokeStyle = theme.dim; g.lineWidth = 2; g.arc(x, y, 4, 0.6, 6); g.stroke(); return; }
    g.closePath(); g.fill(); g.stroke();
  }
  function path(g, p, X, Y) {
    g.beginPath(); g.moveTo(X(p[0]), Y(p[1]));
    for (let i = 2; i < p.length; i += 2) g.lineTo(X(p[i]), Y(p[i + 1]));
    g.stroke();
  }
  function roads(p, w, h, ratio) {
    const key = [w, h, view.x, view.y, view.k].join();
    if (p.key === key) return;
    p.key = key; p.back.width = w * ratio; p.back.height = h * ratio;
    const g = p.back.getContext("2d"); g.scale(ratio, ratio);
    g.fillStyle = theme.map; g.fillRect(0, 0, w, h); g.lineCap = g.lineJoin = "round";
    const X = (x) => w / 2 + (x - view.x) * view.k, Y = (y) => h / 2 - (y - view.y) * view.k;
    const wide = [9, 8, 7, 6, 5, 4, 4, 3].map((b) => Math.max(b * 0.35, b * 8 * view.k));
    for (let c = 7; c >= 0; c--) {
      g.strokeStyle = c <= 3 ? theme.big : theme.road; g.lineWidth = wide[c];
      for (const r of map.roads) if (r.c === c) path(g, r.p, X, Y);
    }
    if (view.k > 0.09) oneways(g, X, Y, w, h);
    if (data.game && view.k > 0.06) spots(g, X, Y, w, h);
    if (view.k > 0.045) {
      for (const [x, y] of map.signals) dot(g, X(x), Y(y), 2.2, theme.dim);
      for (const [x, y] of map.bans) ban(g, X(x), Y(y));
    }
  }
  function spots(g, X, Y, w, h) {
    g.font = "10px system-ui, sans-serif"; g.textAlign = "left"; g.textBaseline = "middle";
    const taken = [];
    for (const o of data.game.places) {
      const x = X(o.x), y = Y(o.y);
      if (x < 0 || y < 0 || x > w || y > h) continue;
      dot(g, x, y, 1.8, theme.old);
      if (view.k < 0.2 || taken.some(([a, b]) => Math.abs(x - a) < 90 && Math.abs(y - b) < 12)) continue;
      taken.push([x, y]); g.fillStyle = theme.dim; g.fillText(o.n.slice(0, 18), x + 5, y);
    }
  }
  function oneways(g, X, Y, w, h) {
    g.strokeStyle = theme.bg; g.lineWidth = 1.6; g.setLineDash([]);
    for (const r of map.roads) {
      if (!r.o) continue;
      const i = Math.max(0, 2 * Math.floor((r.p.length / 2 - 1) / 2));
      const ax = X(r.p[i]), ay = Y(r.p[i + 1]), bx = X(r.p[i + 2]), by = Y(r.p[i + 3]);
      const mx = (ax + bx) / 2, my = (ay + by) / 2, a = Math.atan2(by - ay, bx - ax);
      if (mx < 0 || my < 0 || mx > w || my > h || Math.hypot(bx - ax, by - ay) < 12) continue;
      g.beginPath();
      g.moveTo(mx - 3 * Math.cos(a - 0.7), my - 3 * Math.sin(a - 0.7)); g.lineTo(mx + 2 * Math.cos(a), my + 2 * Math.sin(a));
      g.lineTo(mx - 3 * Math.cos(a + 0.7), my - 3 * Math.sin(a + 0.7)); g.stroke();
    }
  }
  function labels(g, X, Y, w, h) {
    g.font = "11px system-ui, sans-serif"; g.textAlign = "center"; g.textBaseline = "middle"; g.setLineDash([]);
    const taken = [], named = {};
    for (const r of [...map.roads].sort((a, b) => a.c - b.c)) {
      if (!r.n || named[r.n] > 1) continue;
      let best = 0, at = null;
      for (let i = 0; i + 3 < r.p.length; i += 2) {
        const ax = X(r.p[i]), ay = Y(r.p[i + 1]), bx = X(r.p[i + 2]), by = Y(r.p[i + 3]);
        const size = Math.hypot(bx - ax, by - ay), mx = (ax + bx) / 2, my = (ay + by) / 2;
        if (size > best && mx > 40 && my > 34 && mx < w - 40 && my < h - 22) { best = size; at = [mx, my, Math.atan2(by - ay, bx - ax)]; }
      }
      const size = g.measureText(r.n).width;
      if (!at || best < size * 0.55) continue;
      if (taken.some(([x, y, s]) => Math.hypot(x - at[0], y - at[1]) < (s + size) / 2 + 6)) continue;
      taken.push([at[0], at[1], size]); named[r.n] = (named[r.n] || 0) + 1;
      g.save(); g.translate(at[0], at[1]); let a = at[2]; if (Math.abs(a) > Math.PI / 2) a += Math.PI; g.rotate(a);
      g.strokeStyle = theme.map; g.lineWidth = 3.5; g.strokeText(r.n, 0, 0); g.fillStyle = theme.dim; g.fillText(r.n, 0, 0); g.restore();
    }
  }
  function place(d, time) {
    const ts = d.t; let lo = 0, hi = ts.length - 1;
    while (hi - lo > 1) { const m = (lo + hi) >> 1; if (ts[m] <= time) lo = m; else hi = m; }
    const share = hi === lo ? 0 : Math.min(1, Math.max(0, (time - ts[lo]) / (ts[hi] - ts[lo])));
    return {i: lo, x: d.x[lo] + (d.x[hi] - d.x[lo]) * share, y: d.y[lo] + (d.y[hi] - d.y[lo]) * share,
      v: share < 0.5 ? d.v[lo] : d.v[hi]};
  }
  function heading(d, i) {
    for (let k = i; k + 1 < d.x.length; k++) { const dx = d.x[k + 1] - d.x[k], dy = d.y[k + 1] - d.y[k]; if (Math.abs(dx) + Math.abs(dy) > 1) return Math.atan2(-dy, dx); }
    for (let k = i; k > 0; k--) { const dx = d.x[k] - d.x[k - 1], dy = d.y[k] - d.y[k - 1]; if (Math.abs(dx) + Math.abs(dy) > 1) return Math.atan2(-dy, dx); }
    return 0;
  }
  function draw() {
    const here = place(trips[focus], t);
    // Roads are drawn again only when the view moves, so it follows in steps.
    const far = 0.3 * Math.min(panes[0].canvas.clientWidth, height) / (view.k || 1);
    if (follow && Math.hypot(here.x - view.x, here.y - view.y) > far) { view.x = here.x; view.y = here.y; }
    for (const p of panes) {
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      const w = p.canvas.clientWidth, h = height;
      if (!w) continue;
      if (!view.k) { view.k = fit(w); view.x = (x0 + x1) / 2; view.y = (y0 + y1) / 2; }
      if (p.canvas.width !== Math.round(w * ratio)) { p.canvas.width = Math.round(w * ratio); p.canvas.height = h * ratio; }
      roads(p, w, h, ratio);
      const d = p.d, car = place(d, t);
      const X = (x) => w / 2 + (x - view.x) * view.k, Y = (y) => h / 2 - (y - view.y) * view.k;
      const spokenNow = past(p, car, w, h, ratio, X, Y);
      const g = p.canvas.getContext("2d"), a = heading(d, car.i);
      g.setTransform(ratio, 0, 0, ratio, 0, 0); g.clearRect(0, 0, w, h);
      g.strokeStyle = theme.trail; g.lineWidth = 2.2; g.lineCap = "round"; g.beginPath();
      g.moveTo(X(d.x[car.i]), Y(d.y[car.i])); g.lineTo(X(car.x), Y(car.y)); g.stroke();
      g.save(); g.translate(X(car.x), Y(car.y)); g.rotate(a);
      g.fillStyle = theme.fg; g.strokeStyle = theme.bg; g.lineWidth = 2;
      g.beginPath(); g.moveTo(11, 0); g.lineTo(-7, 6.5); g.lineTo(-4, 0); g.lineTo(-7, -6.5); g.closePath(); g.stroke(); g.fill(); g.restore();
      if (spokenNow) bubble(g, X(car.x), Y(car.y), spokenNow, w, h);
      const done = t >= d.end ? ` · ${named(d.outcome)} ${d.end.toFixed(0)} s` : ` · ${car.v} km/h`;
      const bad = d.marks.filter((e) => e.kind === "infraction" && e.t <= t).length;
      p.live.textContent = done + (trips.length > 1 ? ` · ★ ${bad}` : "");
    }
  }
  // What has happened so far: drawn again only when something new happens; the trail grows.
  function past(p, car, w, h, ratio, X, Y) {
    const d = p.d, said = d.talk.filter((e) => e.t <= t), marks = d.marks.filter((e) => e.t <= t);
    const known = d.routes.filter((r) => r.t <= t + 0.001);
    const key = [p.key, known.length, said.length, marks.length].join();
    const g = p.mid.getContext("2d");
    if (key !== p.midKey || car.i < p.drawn) {
      p.midKey = key; p.drawn = 0;
      if (p.mid.width !== p.canvas.width) { p.mid.width = p.canvas.width; p.mid.height = p.canvas.height; }
      g.setTransform(ratio, 0, 0, ratio, 0, 0); g.clearRect(0, 0, w, h); g.lineCap = g.lineJoin = "round";
      const now = known[known.length - 1], before = known[known.length - 2];
      if (before) { g.setLineDash([6, 7]); g.strokeStyle = theme.old; g.lineWidth = 4; path(g, before.p, X, Y); }
      g.globalAlpha = 0.75; g.setLineDash([]); g.strokeStyle = theme.route; g.lineWidth = 5;
      if (now) path(g, now.p, X, Y);
      g.globalAlpha = 1; g.setLineDash([3, 6]); g.strokeStyle = theme.closed; g.lineWidth = 4;
      for (const c of d.closed) path(g, c, X, Y);
      g.setLineDash([1, 7]); g.lineWidth = 3; for (const c of d.reported) path(g, c, X, Y);
      labels(g, X, Y, w, h);  // over the route, or nobody could read the names along it
      g.setLineDash([]); g.lineWidth = 2; g.strokeStyle = theme.fg; g.fillStyle = theme.bg;
      g.beginPath(); g.arc(X(d.goal[0]), Y(d.goal[1]), 7, 0, 7); g.fill(); g.stroke(); dot(g, X(d.goal[0]), Y(d.goal[1]), 3, theme.fg);
      trail(g, d, 0, car.i, X, Y);
      for (const e of said) message(g, X(e.x), Y(e.y), e.decision, 4.5);
      for (const e of marks) symbol(g, X(e.x), Y(e.y), e.kind);
    } else if (car.i > p.drawn) trail(g, d, p.drawn, car.i, X, Y);
    p.drawn = car.i;
    const last = said[said.length - 1];
    return last && t - last.t < 4 ? last : null;
  }
  function trail(g, d, from, to, X, Y) {
    g.setLineDash([]); g.strokeStyle = theme.trail; g.lineWidth = 2.2; g.beginPath(); g.moveTo(X(d.x[from]), Y(d.y[from]));
    for (let i = from + 1; i <= to; i++) g.lineTo(X(d.x[i]), Y(d.y[i]));
    g.stroke();
  }
  function bubble(g, x, y, e, w, h) {
    const text = e.words.length > 46 ? e.words.slice(0, 45) + "…" : e.words;
    g.font = "12.5px system-ui, sans-serif"; g.textAlign = "left"; g.textBaseline = "middle";
    const size = g.measureText(text).width + 16;
    const bx = Math.min(Math.max(x + 14, 6), w - size - 6), by = Math.min(Math.max(y - 34, 34), h - 46);
    g.fillStyle = theme.bg; g.strokeStyle = e.decision === "accept" ? theme.yes : e.decision ? theme.no : theme.dim; g.lineWidth = 1.5;
    g.beginPath(); g.roundRect(bx, by, size, 24, 5); g.fill(); g.stroke(); g.fillStyle = theme.fg; g.fillText(text, bx + 8, by + 12.5);
  }
  function tell(force) {
    playButton.textContent = L(playing ? "Pause" : "Play");
    scrub.value = t; clock.textContent = `${clockText(t)} / ${clockText(end)}`;
    let now = null;
    for (const [when, item] of items) {
      const past = when <= t + 0.05; item.classList.toggle("past", past); item.classList.remove("now");
      if (past) now = item;
    }
    if (now) {
      now.classList.add("now");
      const to = now.offsetTop - talk.offsetTop - talk.clientHeight + now.offsetHeight + 24;
      const top = now.offsetTop - talk.offsetTop;
      if (top < talk.scrollTop || top + now.offsetHeight > talk.scrollTop + talk.clientHeight) talk.scrollTop = Math.max(0, Math.min(to, top));
    } else talk.scrollTop = 0;
    if (onTime && !force && !playing && reported !== t) {
      reported = t; clearTimeout(resting);
      resting = setTimeout(() => { if (alive && !playing) onTime(Math.round(t * 10) / 10); }, 300);
    }
  }
  let told = 0;
  function tick(stamp) {
    if (!alive) return;
    if (playing) {
      t += Math.min(0.1, (stamp - last) / 1000) * speed; dirty = true;
      if (t >= end) { t = end; playing = false; told = 0; }
      if (stamp - told > 150) { told = stamp; tell(); }
    }
    last = stamp;
    if (dirty) { dirty = false; const from = performance.now(); draw(); box.dataset.painted = "1"; stats.cost += performance.now() - from; stats.frames += 1; }
    if (stamp - stats.since > 1000) { stats.fps = stats.frames * 1000 / (stamp - stats.since); box.dataset.drawMs = (stats.cost / Math.max(stats.frames, 1)).toFixed(2); stats.cost = 0; stats.frames = 0; stats.since = stamp; box.dataset.fps = stats.fps.toFixed(1); }
    box.dataset.t = t.toFixed(1);
    frame = requestAnimationFrame(tick);
  }
  const watcher = new ResizeObserver(() => {
    dirty = true; talk.style.maxHeight = Math.max(360, maps.clientHeight - 28) + "px";
    tell(true);  // what is said now stays in sight when the height changes
  });
  watcher.observe(maps);
  focusOn(0); tell(true);
  frame = requestAnimationFrame((stamp) => { last = stamp; tick(stamp); });
  return () => { alive = false; clearTimeout(resting); cancelAnimationFrame(frame); watcher.disconnect(); };
}
