"use strict";
// Sorts, searches and saves the tables of the page, from the data that stands beside them. Texts
// are only ever set as text. Amounts are decimal texts, and are added up as whole numbers.
(() => {
  const MORE = 200;
  const LATIN = new Intl.Collator("en", { numeric: true });
  const grouped = (text) => {
    const [, sign, whole, rest] = /^(-?)(\d+)(.*)$/.exec(text) || [0, "", text, ""];
    return sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + rest;
  };
  const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  const units = (text, digits) => {
    const [whole, part = ""] = text.split(".");
    return BigInt(whole + part.padEnd(digits, "0"));
  };
  const decimal = (value, digits) => {
    const sign = value < 0n ? "-" : "";
    const text = (value < 0n ? -value : value).toString().padStart(digits + 1, "0");
    return sign + (digits ? text.slice(0, -digits) + "." + text.slice(-digits) : text);
  };
  // To so many digits, ties to the even neighbour.
  const rounded = (text, digits) => {
    const scale = (text.split(".")[1] || "").length;
    if (scale <= digits) return decimal(units(text, digits), digits);
    const value = units(text, scale);
    const size = value < 0n ? -value : value;
    const divisor = 10n ** BigInt(scale - digits);
    let quotient = size / divisor;
    const twice = (size % divisor) * 2n;
    if (twice > divisor || (twice === divisor && quotient % 2n)) quotient += 1n;
    return decimal(value < 0n ? -quotient : quotient, digits);
  };
  const percent = (text) => {
    const scale = (text.split(".")[1] || "").length;
    return rounded(decimal(units(text, scale) * 100n, scale), 1) + " %";
  };
  const harmful = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
  const escapes = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };
  const visible = (text) =>
    text.replace(harmful, (c) => escapes[c] || "\\u{" + c.charCodeAt(0).toString(16) + "}");
  const shown = (text, kind, digits) => {
    if (text === "") return "";
    switch (kind) {
      case "money":
      case "part":
        return grouped(rounded(text, digits));
      case "percent":
        return percent(text);
      case "number":
        return grouped(trimmed(text));
      case "count":
        return grouped(text);
      case "instant":
        return text.replace(/T00:00:00Z$/, "");
      default:
        return visible(text);
    }
  };
  const isNumber = (kind) => kind !== "text" && kind !== "instant";
  // Numbers stand right, what is 0 stands back, and only long texts wrap.
  const look = (text, shown, kind) => {
    if (isNumber(kind)) return /^-?[0.]+$/.test(text) ? "n z" : "n";
    return [...shown].length > 40 ? "l" : "s";
  };
  const compareNumbers = (a, b) => {
    const difference = Number(a) - Number(b);
    if (difference || a === b) return difference;
    const scale = Math.max(...[a, b].map((text) => (text.split(".")[1] || "").length));
    const [x, y] = [units(a, scale), units(b, scale)];
    return x < y ? -1 : x > y ? 1 : 0;
  };
  const field = (text, kind) => {
    // A name is not to become a formula in a spreadsheet.
    const safe = !isNumber(kind) && /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
    return /[",\r\n]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  };

  class Sheet {
    constructor(element) {
      this.element = element;
      this.body = element.querySelector("tbody");
      this.headers = [...element.querySelectorAll("thead th")];
      this.count = element.querySelector(".count");
      this.search = element.querySelector("input[type=search]");
      this.order = null;
      for (const hidden of element.querySelectorAll(".search,.save,.more")) hidden.hidden = false;
      element.addEventListener("click", (event) => {
        const button = event.target.closest("button[data-do]");
        if (button) this[button.dataset.do](button);
      });
      this.search.addEventListener("input", () => {
        this.shown = 0;
        this.show();
      });
    }
    get data() {
      const script = document.getElementById(this.element.id + "-data");
      const data = JSON.parse(script.textContent);
      Object.defineProperty(this, "data", { value: data });
      return data;
    }
    get query() {
      return this.search.value.trim().toLowerCase();
    }
    rows() {
      const { rows, columns } = this.data;
      const query = this.query;
      let found = query
        ? rows.filter((row) => row.some((cell) => cell.toLowerCase().includes(query)))
        : rows.slice();
      if (this.order) {
        const { place, sign } = this.order;
        const compare = isNumber(columns[place][1]) ? compareNumbers : LATIN.compare;
        found.sort((a, b) => {
          if (a[place] === "" || b[place] === "") return (a[place] === "") - (b[place] === "");
          return sign * compare(a[place], b[place]);
        });
      }
      return found;
    }
    sort(button) {
      const header = button.closest("th");
      const place = this.headers.indexOf(header);
      const numeric = isNumber(this.data.columns[place][1]);
      const first = numeric ? -1 : 1;
      const same = this.order && this.order.place === place;
      this.order = { place, sign: same ? -this.order.sign : first };
      for (const other of this.headers) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", this.order.sign > 0 ? "ascending" : "descending");
      this.show();
    }
    more(button) {
      this.shown = (this.shown || this.data.first) + MORE;
      this.show();
    }
    line(cells, label) {
      const { columns, digits } = this.data;
      const row = document.createElement("tr");
      cells.forEach((text, place) => {
        const kind = columns[place][1];
        const cell = document.createElement(place === 0 ? "th" : "td");
        if (place === 0) cell.scope = "row";
        if (place === 0 && label) {
          cell.textContent = label;
        } else {
          cell.textContent = shown(text, kind, digits);
          cell.className = look(text, cell.textContent, kind);
          if ((kind === "part" || kind === "percent") && text !== "") cell.title = text;
        }
        row.append(cell);
      });
      return row;
    }
    show() {
      const { rows, first, rest } = this.data;
      const found = this.rows();
      const most = Math.max(this.shown || 0, first);
      const lines = found.slice(0, most).map((row) => this.line(row));
      if (!lines.length) {
        const row = document.createElement("tr");
        const cell = document.createElement("td");
        cell.className = "none";
        cell.colSpan = this.headers.length;
        cell.textContent = "Nothing found.";
        row.append(cell);
        lines.push(row);
      }
      this.body.replaceChildren(...lines);
      const all = grouped(String(rows.length)) + (rest ? ", and " + rest.label : "");
      this.count.textContent = this.query
        ? grouped(String(found.length)) + " of " + all + " found"
        : all + (rows.length === 1 ? " row" : rest ? "" : " rows");
      if (this.moreLine()) this.moreLine().hidden = found.length <= most;
      this.foot(found);
    }
    moreLine() {
      return this.element.querySelector(".more");
    }
    // What was found is added up; without a search, everything.
    foot(found) {
      const foot = this.element.querySelector("tfoot");
      if (!foot) return;
      const { total, rest, columns } = this.data;
      const lines = [];
      const add = (cells, label, name) => {
        const line = this.line(cells, label);
        line.className = name;
        lines.push(line);
      };
      if (this.query) {
        if (total) add(this.sums(found, columns), "Found", "total");
      } else {
        if (rest) add(rest.cells, rest.label, "rest");
        if (total) add(total, "Total", "total");
      }
      foot.replaceChildren(...lines);
    }
    sums(rows, columns) {
      return columns.map(([, , summed], place) => {
        if (!summed) return "";
        const texts = rows.map((row) => row[place]).filter((text) => text !== "");
        const scale = Math.max(0, ...texts.slice(0, 1).map((text) => (text.split(".")[1] || "").length));
        const deepest = texts.reduce((most, text) => Math.max(most, (text.split(".")[1] || "").length), scale);
        return decimal(texts.reduce((sum, text) => sum + units(text, deepest), 0n), deepest);
      });
    }
    csv() {
      const { columns, rest } = this.data;
      const lines = [columns.map(([name]) => name)];
      for (const row of this.rows()) lines.push(row.map((text, place) => field(text, columns[place][1])));
      if (rest && !this.query) {
        lines.push([field(rest.label, "text"), ...rest.cells.slice(1)]);
      }
      return lines.map((line) => line.join(",") + "\n").join("");
    }
    save() {
      const blob = new Blob([this.csv()], { type: "text/csv;charset=utf-8" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = this.data.file;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }
  }
  for (const element of document.querySelectorAll(".sheet")) new Sheet(element);
})();
