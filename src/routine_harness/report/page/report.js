"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const BATCH = 200;

  // Everything is put in as text: nothing that an agent or a stranger wrote becomes markup.
  const el = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === true) node.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
    }
    for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== "") node.append(child);
    return node;
  };
  const tag = (text) => el("span", { class: `tag ${text}` }, text);
  const table = (head, rows) =>
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": head.join(", ") },
      el("table", {},
        el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, cell)))))));

  const note = (finding, link) => {
    const place = finding.location ? `${finding.location.file}:${finding.location.line}` : "";
    return el("div", { class: `note ${finding.severity}` },
      el("p", {}, tag(finding.severity), " ", el("code", {}, finding.code), " ", el("span", { class: "faint" }, place)),
      el("p", {}, finding.message),
      finding.detail ? el("pre", {}, finding.detail.join("\n")) : null,
      finding.hint ? el("p", { class: "faint" }, `hint: ${finding.hint}`) : null,
      finding.next ? el("p", {}, "next: ", el("code", {}, finding.next)) : null,
      link ? el("p", {}, link) : null);
  };

  // A routine -------------------------------------------------------------------------------------
  const source = ({ file, lines }) =>
    el("div", { class: "source", tabindex: 0, role: "region", "aria-label": `${file} with lint marks` },
      lines.map(({ parts, notes }, index) => [
        el("div", { class: "line" }, el("span", { class: "no" }, String(index + 1)),
          el("code", {}, parts.map(([text, severity, title]) => (severity ? el("mark", { class: severity, title }, text) : text)))),
        notes.map((finding) => note(finding)),
      ]));

  const drawRoutine = (routine) => {
    const reasons = new Map();
    for (const trigger of routine.triggers) for (const reason of trigger.reasons) reasons.set(reason.code + reason.message, reason);
    const grants = (routine.grants || []).map((grant) => [
      el("span", {}, grant.connector, grant.bindings ? ` (${grant.bindings})` : ""),
      grant.granted ? "granted" : "not granted",
      Object.keys(grant.tools).length ? Object.entries(grant.tools).map(([tool, count]) => `${tool} × ${count}`).join(", ")
        : el("span", { class: "faint" }, "never called in a case"),
    ]);
    return [
      routine.description ? el("p", {}, routine.description) : null,
      el("p", { class: "faint" }, [routine.file, ...(routine.repositories || [])].join(" · ")),
      el("h4", {}, "Triggers"),
      table(["Trigger", "Gate", "Cases that speak for it"], routine.triggers.map((trigger) => [
        trigger.label, tag(trigger.gate), trigger.cases.length ? trigger.cases.join(", ") : el("span", { class: "faint" }, "none"),
      ])),
      reasons.size ? el("h4", {}, "Why it is closed") : null,
      [...reasons.values()].map((reason) => note(reason)),
      (routine.excused || []).map((each) => el("p", {}, `Excused until ${each.expires} by ${each.owner}: ${each.code} (${each.reason})`)),
      el("h4", {}, "Grants, used by cases"),
      table(["Connector", "Grant", "Tools called in first runs"], grants),
      (routine.recordings || []).length ? el("h4", {}, "Recordings") : null,
      (routine.recordings || []).length
        ? table(["Case", "Origin", "Isolation", "Made", "Stale"], routine.recordings.map((r) => [r.case, r.origin, r.isolation.split(" (")[0] || "–", r.recorded || "undated", r.stale.join(", ") || "no"]))
        : null,
      (routine.files || []).map((each, index) => [el("h4", {}, index ? "The prompt's file, with lint marks" : "The file, with lint marks"), source(each)]),
    ];
  };

  // A case ----------------------------------------------------------------------------------------
  const SIGNS = { "+": "plus", "-": "minus", "~": "tilde", "!": "bang", "=": "bang", "?": "unsure" };
  const effect = (sign, text) => el("span", { class: `effect ${SIGNS[sign] || "plus"}` }, text);

  const drawRun = (run, marked, other) => {
    const same = new Set((other ? other.calls : []).map((call) => call.tool + call.arguments));
    const calls = run.calls.map((call) => {
      const hit = marked.get(`${run.number}.${call.n}`) || [];
      return el("li", {}, el("details", { class: `call${hit.length ? " marked" : ""}${same.has(call.tool + call.arguments) ? " same" : ""}`, open: hit.length > 0 },
        el("summary", {}, el("span", { class: "n" }, String(call.n)),
          el("span", {}, el("code", {}, call.tool), call.error ? " ✗" : "", call.by ? el("span", { class: "faint" }, ` ${call.by}`) : "",
            (call.effects || []).map(([sign, text]) => effect(sign, text)))),
        el("pre", {}, call.arguments),
        el("pre", { class: "faint" }, `${call.error ? "✗" : "→"} ${call.answer}`),
        hit.map((finding) => note(finding))));
    });
    return el("section", { "aria-label": `Run ${run.number}` },
      el("h4", {}, `Run ${run.number}: ${run.status}`, el("span", { class: "faint" }, ` ${run.calls.length} calls${run.tokens ? `, ${run.tokens.toLocaleString("en")} tokens` : ""}`)),
      run.reason ? el("p", { class: "faint" }, run.reason) : null,
      el("h4", {}, "Plan of effects"),
      (run.plan || []).length ? run.plan.map((line) => effect(line[0], line)) : el("p", { class: "faint" }, "no effects"),
      el("h4", {}, "Calls"),
      el("ol", {}, calls),
      run.closing ? el("p", {}, "says: ", el("q", {}, run.closing)) : null,
      el("h4", {}, "Changes of the world"),
      run.changes.length ? el("pre", {}, run.changes.join("\n")) : el("p", { class: "faint" }, "none"));
  };

  const drawTrials = (trials) => {
    if (!(trials || []).length) return null;
    return el("section", { "aria-label": "When things go wrong" },
      el("h4", {}, "When things go wrong"),
      table(["Check", "Passed", "Failed"], trials.map((each) => [
        `::${each.check}`, each.reason && !each.passed ? each.reason : `${each.passed} of ${each.of}`, each.failed.length ? each.failed.join(", ") : "none",
      ])),
      trials.map((each) => [
        each.findings.map((finding) => note(finding)),
        each.runs ? el("details", { class: "call" }, el("summary", {}, el("span", { class: "n" }, ""), el("span", {}, "The runs of ", el("code", {}, `::${each.failed[0]}`))),
          el("div", { class: "runs" }, each.runs.map((run, i) => drawRun(run, new Map(), each.runs[1 - i])))) : null,
      ]));
  };

  const drawing = (svg) => document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);
  const drawCase = (entry) => {
    const { test } = entry;
    const marked = new Map();
    const general = [];
    for (const finding of test.findings || []) {
      if (!finding.calls) general.push(finding);
      for (const call of finding.calls || []) {
        const key = `${finding.run || 1}.${call}`;
        marked.set(key, (marked.get(key) || []).concat(finding));
      }
    }
    const runs = test.runs || [];
    return [
      test.description ? el("p", {}, test.description) : null,
      el("p", { class: "faint" }, [test.file, test.event || test.trigger, test.by ? test.by.text : ""].filter(Boolean).join(" · ")),
      test.reason ? el("p", {}, test.reason) : null,
      (test.checks || []).length ? el("p", {}, test.checks.map((check) => [el("span", { class: `tag ${check.outcome}`, title: check.reason || check.outcome }, `::${check.name} ${check.outcome}`), " "])) : null,
      general.map((finding) => note(finding)),
      test.lanes ? el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Both runs, side by side" }, drawing(test.lanes)) : null,
      (test.plan || []).map((line) => el("p", {}, el("strong", {}, line))),
      runs.length ? el("div", { class: "runs" }, runs.map((run, i) => drawRun(run, marked, runs[1 - i]))) : null,
      drawTrials(test.trials),
    ];
  };

  // The list of cases -----------------------------------------------------------------------------
  const entries = data.routines.flatMap((routine) => routine.cases.map((test) => ({ routine: routine.name, test })));
  const RANK = ["failed", "stale", "not recorded", "undecided", "skipped", "expected to fail", "passed"];
  const OPEN_AT_ONCE = 20;
  entries.sort((a, b) => RANK.indexOf(a.test.state) - RANK.indexOf(b.test.state));
  entries.forEach((entry, index) => { entry.index = index; });
  const textOf = (entry) => {
    if (entry.text === undefined) {
      const { test } = entry;
      const trials = (test.trials || []).flatMap((each) => each.findings);
      const said = (test.findings || []).concat(trials).map((f) => `${f.code} ${f.message}`).join(" ");
      const called = (test.runs || []).flatMap((run) => run.calls.map((call) => `${call.tool} ${call.arguments}`)).join(" ");
      entry.text = [entry.routine, test.id, test.file, test.description, test.state, test.reason, said, called].join(" ").toLowerCase();
    }
    return entry.text;
  };
  const list = document.getElementById("list");
  const more = document.getElementById("more");
  const count = document.getElementById("count");
  const [search, state, of] = ["search", "state", "of"].map((id) => document.getElementById(id));
  for (const name of [...new Set(entries.map((e) => e.test.state))].sort()) state.append(el("option", { value: name }, name));
  for (const routine of data.routines) of.append(el("option", { value: routine.name }, routine.name));
  let found = entries;
  let shown = 0;

  const lazily = (node, draw) => {
    node.addEventListener("toggle", () => {
      const body = node.querySelector(":scope > .body");
      if (node.open && !body.hasChildNodes()) body.append(...draw().flat(Infinity).filter(Boolean));
    });
    return node;
  };
  const row = (entry) => lazily(
    el("details", { class: "case", id: `case-${entry.index}` },
      el("summary", {}, tag(entry.test.state), " ", el("strong", {}, entry.test.id), " ", el("span", { class: "faint" }, [entry.routine, entry.test.trigger, entry.test.by ? entry.test.by.who : ""].filter(Boolean).join(" · "))),
      el("div", { class: "body" })),
    () => drawCase(entry));
  const showMore = () => {
    list.append(...found.slice(shown, shown + BATCH).map(row));
    shown = Math.min(found.length, shown + BATCH);
    more.hidden = shown >= found.length;
    more.textContent = `Show more cases (${found.length - shown} left)`;
  };
  const refresh = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = entries.filter((entry) =>
      (!state.value || entry.test.state === state.value) && (!of.value || entry.routine === of.value) && words.every((word) => textOf(entry).includes(word)));
    list.replaceChildren();
    shown = 0;
    showMore();
    count.textContent = `${found.length} of ${entries.length} cases`;
  };
  let timer = 0;
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(refresh, 120); });
  state.addEventListener("change", refresh);
  of.addEventListener("change", refresh);
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", showMore);

  for (const node of document.querySelectorAll("details.routine")) lazily(node, () => drawRoutine(data.routines[Number(node.dataset.routine)]));

  // A backtest, where one is given ------------------------------------------------------------------
  const SVG = "http://www.w3.org/2000/svg";
  const charts = document.getElementById("charts");
  if (charts) {
    const figuresOf = Object.entries(data.backtest.routines || {});
    const most = Math.max(1, ...figuresOf.map(([, figures]) => figures.fired));
    for (const [name, figures] of figuresOf) {
      const lost = (figures.dropped || 0) + (figures.failed || 0);
      const said = `${figures.fired.toLocaleString("en")} fired, ${lost.toLocaleString("en")} of them lost, ${(figures.skipped || 0).toLocaleString("en")} skipped`;
      // A bar stands only where something fired; all share one scale.
      const svg = document.createElementNS(SVG, "svg");
      svg.setAttribute("viewBox", "0 0 100 4");
      svg.setAttribute("preserveAspectRatio", "none");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", `${name}: ${said}`);
      let x = 0;
      for (const [kind, value] of [["fired", Math.max(0, figures.fired - lost)], ["lost", lost]]) {
        const width = (100 * value) / most;
        if (!width) continue;
        const bar = document.createElementNS(SVG, "rect");
        for (const [key, at] of [["x", x], ["width", width], ["y", 0], ["height", 4]]) bar.setAttribute(key, at);
        bar.setAttribute("class", kind);
        svg.append(bar);
        x += width;
      }
      charts.append(el("div", { class: "bar" }, el("span", {}, name), figures.fired ? svg : el("span", {}, "nothing fired"), el("span", { class: "faint" }, said)));
    }
  }

  // Keys, links, colours, printing -------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape" && document.activeElement === search && search.value) { search.value = ""; refresh(); }
  });
  const follow = () => {
    const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    if (target && target.tagName === "DETAILS") { target.open = true; target.querySelector("summary").focus(); }
  };
  addEventListener("hashchange", follow);
  const scheme = document.getElementById("scheme");
  const dark = () => document.documentElement.dataset.scheme === "dark" || (!document.documentElement.dataset.scheme && matchMedia("(prefers-color-scheme: dark)").matches);
  const label = () => { scheme.textContent = dark() ? "Light" : "Dark"; scheme.setAttribute("aria-pressed", String(dark())); };
  scheme.addEventListener("click", () => { document.documentElement.dataset.scheme = dark() ? "light" : "dark"; label(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  addEventListener("beforeprint", () => { for (const node of document.querySelectorAll("details.routine")) node.open = true; });
  label();
  refresh();
  [...list.children].slice(0, OPEN_AT_ONCE).forEach((node, index) => { if (found[index].test.state === "failed") node.open = true; });
  follow();
})();
