// Signs and opens with vanthu-agent on this computer: asks the site for a proved request, carries it to the agent on
// loopback, carries the signatures back. Holds no secret: the agent believes the site's server, not this page.
(function () {
  "use strict";
  if (window.vanthuAgent) return;

  class Trouble extends Error {
    constructor(code, message) { super(message || code); this.code = code; }
  }
  const words = function () {
    const element = document.getElementById("agent-words");
    return element ? JSON.parse(element.textContent) : {};
  };
  const trouble = function (raw) {
    const known = words()[raw];
    return known ? new Trouble(known.code, known.message) : new Trouble(raw, raw);
  };
  const csrf = function () { return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || ""; };

  // --- the site ----------------------------------------------------------------------------------------------
  const site = async function (path, fields) {
    const body = new URLSearchParams();
    Object.entries(fields || {}).forEach(function ([name, value]) {
      (Array.isArray(value) ? value : [value]).forEach(function (one) { body.append(name, one); });
    });
    const answer = await fetch(path, {
      method: "POST", body: body, credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": csrf() },
    }).catch(function () { throw new Trouble("OFFLINE", document.getElementById("toast-offline")?.content.textContent.trim()); });
    const said = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
    if (!answer.ok) throw new Trouble(said.code || "HTTP_" + answer.status, said.message);
    return said;
  };

  // --- the agent ---------------------------------------------------------------------------------------------
  const post = async function (address, path, content) {
    let answer;
    try {
      answer = await fetch(address + path, {
        method: "POST", mode: "cors", credentials: "omit", cache: "no-store",
        headers: { "Content-Type": "application/json" }, body: JSON.stringify(content),
      });
    } catch { throw trouble(path === "/v1/pair" ? "PAIRING_CLOSED" : "ABSENT"); }
    const said = await answer.json().catch(function () { return {}; });
    if (!answer.ok) throw trouble(said.error || "DEVICE_TROUBLE");
    return said;
  };
  const hello = async function (address) {
    let answer;
    try {
      answer = await fetch(address + "/v1/hello", { mode: "cors", credentials: "omit", cache: "no-store" });
    } catch {
      // An agent that does not know this site lets the page read nothing; whether it runs can still be told.
      const there = await fetch(address + "/v1/hello", { mode: "no-cors", credentials: "omit" })
        .then(function () { return true; }, function () { return false; });
      throw trouble(there ? "NOT_PAIRED" : "ABSENT");
    }
    if (!answer.ok) throw trouble("NOT_PAIRED");
    return answer.json();
  };

  // One request: a fresh challenge, the server's proof, the agent's answer.
  const ask = async function (address, fields) {
    const met = await hello(address);
    const proved = await site("/my-keys/ask", { ...fields, pairing: met.pairing, challenge: met.challenge });
    return post(address, "/v1/ask", proved);
  };

  // Has the device sign or open what the site prepares at ``begin`` and hands its answer in at ``finish``; step(name)
  // tells how far it is. One confirmation and one PIN for everything; answers where to go.
  const carry = async function (options, step, fields) {
    step("look");
    if (options.open === undefined) await ask(options.agent, { do: "look", owner: options.owner || "" });
    step("begin");
    const met = await hello(options.agent);
    const asked = await site(options.begin, { verb: options.verb || "", ...fields, pairing: met.pairing, challenge: met.challenge });
    let answer = {};
    if (asked.request) {
      step("sign");
      answer = await post(options.agent, "/v1/ask", asked);
    }
    step("finish");
    const made = options.open === undefined ? { signatures: answer.signatures || {} } : { keys: answer.keys || {} };
    const [name, given] = Object.entries(made)[0];
    return (await site(options.finish, { [name]: JSON.stringify(given) })).to;
  };

  // A key at a service that wants its owner: the whole page goes there, for no form may leave this site.
  const leave = async function (options) {
    const asked = await site(options.begin, { verb: options.verb });
    return asked.go || asked.to;
  };

  const show = function (box, refusal) {
    const notice = box.querySelector("[data-agent-trouble]");
    notice.querySelector("[data-agent-said]").textContent = refusal.message;
    notice.querySelector("[data-agent-code]").textContent = refusal.code;
    const help = notice.querySelector("[data-agent-help]");
    if (help) help.hidden = !["AGENT_ABSENT", "AGENT_UNPAIRED", "AGENT_NOT_PAIRED", "AGENT_CERTIFICATE_DIFFERS"].includes(refusal.code);
    notice.hidden = false;
    box.querySelectorAll(".is-now").forEach(function (now) { now.className = "is-wrong"; });
  };
  const calm = function (box) {
    box.querySelector("[data-agent-trouble]").hidden = true;
    box.querySelectorAll("[data-step]").forEach(function (one) { one.className = ""; });
  };
  const stepper = function (box) {
    return function (name) {
      box.querySelectorAll(".is-now").forEach(function (now) { now.className = "is-done"; });
      const now = box.querySelector('[data-step="' + name + '"]');
      if (now) now.className = "is-now";
    };
  };

  // A form with a key elsewhere in it (the document page's dialog, a batch's page) is not sent: the device signs.
  document.addEventListener("submit", async function (event) {
    const box = event.target.querySelector("[data-begin]");
    if (!box) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (box.dataset.working) return;
    box.dataset.working = "1";
    const button = event.submitter || event.target.querySelector("[type=submit]");
    button.classList.add("is-busy");
    calm(box);
    try {
      window.location.assign(box.dataset.agent ? await carry(box.dataset, stepper(box)) : await leave(box.dataset));
      return;
    } catch (refusal) { show(box, refusal); }
    delete box.dataset.working;
    button.classList.remove("is-busy");
  }, true);
  const now = document.querySelector("form[data-ask-now]");
  if (now) now.requestSubmit();

  // --- the page "my keys": pairing, enrolling ------------------------------------------------------------------
  const pair = async function (box) {
    const given = await site("/my-keys/pair");
    const code = box.querySelector("[name=code]").value;
    const answer = await post(box.dataset.agent, "/v1/pair", { ...given, code: code });
    const done = await site("/my-keys/computers/" + given.pairing + "/confirm", { proof: answer.proof, computer: answer.computer });
    window.location.assign(done.to);
  };
  const list = async function (box) {
    const found = (await ask(box.dataset.agent, { do: "certificates" })).certificates;
    const rows = box.querySelector("[data-agent-certificates]");
    rows.replaceChildren(...found.map(function (one, index) {
      const row = document.getElementById("agent-certificate").content.cloneNode(true);
      const input = row.querySelector("input");
      input.value = String(index);
      input.checked = found.length === 1;
      row.querySelector("[data-name]").textContent = one.name;
      row.querySelector("[data-about]").textContent = [one.token, one.issuer, one.until].join(" · ");
      return row;
    }));
    box.certificates = found;
    box.querySelector("[data-agent-found]").hidden = false;
  };
  const enrol = async function (box) {
    const chosen = box.querySelector("input[name=certificate]:checked");
    if (!chosen) return;
    const one = box.certificates[Number(chosen.value)];
    if (box.dataset.open !== undefined) {
      window.location.assign(await carry(box.dataset, stepper(box), { certificate: one.certificate }));
      return;
    }
    const owner = box.querySelector("[name=owner]");
    const done = await site("/my-keys/enrol", {
      certificate: one.certificate, chain: JSON.stringify(one.chain), serial: one.serial, owner: owner ? owner.value : "",
    });
    window.location.assign(done.to);
  };
  const doing = { pair: pair, list: list, enrol: enrol };
  document.addEventListener("click", async function (event) {
    const button = event.target.closest("[data-agent-do]");
    if (!button) return;
    const box = button.closest("[data-agent]");
    if (button.classList.contains("is-busy")) return;
    button.classList.add("is-busy");
    calm(box);
    try { await doing[button.dataset.agentDo](box); } catch (refusal) { show(box, refusal); }
    button.classList.remove("is-busy");
  });

  window.vanthuAgent = true;
})();
