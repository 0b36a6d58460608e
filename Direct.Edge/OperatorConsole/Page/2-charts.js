// One small chart for each quantity, one line for each gateway. Each has a sentence for those who do not see it; the exact numbers are in the table.

const chartPoints = 60;
const svg = (name, attributes) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

class Chart {
  constructor(title, format, total) {
    Object.assign(this, { title, format, total, lines: new Map() });
    this.value = element('strong', {}, '–');
    this.picture = svg('svg', { viewBox: '0 0 300 80', preserveAspectRatio: 'none', role: 'img', 'aria-label': `${title}: no data yet` });
    this.most = element('span', {}, '');
    byId('charts').append(element('figure', { class: 'card' },
      element('figcaption', {}, title, this.value), this.picture, element('div', { class: 'axis', 'aria-hidden': 'true' }, element('span', {}, '2 min'), this.most, element('span', {}, 'now'))));
  }

  // values: by gateway; null where there is none now.
  add(values) {
    for (const name of values.keys()) {
      if (!this.lines.has(name)) this.lines.set(name, []);
    }
    for (const [name, points] of this.lines) {
      points.push(values.get(name) ?? null);
      if (points.length > chartPoints) points.shift();
      if (points.every(point => point === null)) this.lines.delete(name);
    }
    this.draw([...values.values()].filter(value => value !== null));
  }

  draw(now) {
    const top = Math.max(...[...this.lines.values()].flat(), 0);
    this.picture.replaceChildren(...[...this.lines].flatMap(([name, points]) => this.lineOf(name, points, top || 1)));
    const text = now.length === 0 ? '–' : this.format(this.total(now));
    this.value.textContent = text;
    this.most.textContent = top === 0 ? '' : `top ${this.format(top)}`;
    const each = [...this.lines].filter(([, points]) => points.at(-1) !== null).map(([name, points]) => `${name} ${this.format(points.at(-1))}`);
    this.picture.setAttribute('aria-label', `${this.title}: ${text} now, at most ${this.format(top)} in two minutes. ${each.slice(0, 8).join(', ')}`);
  }

  // A gap in the data is a gap in the line.
  lineOf(name, points, top) {
    const parts = [[]];
    points.forEach((point, i) => {
      if (point === null) parts.push([]);
      else parts.at(-1).push(`${((chartPoints - points.length + i) * 300 / (chartPoints - 1)).toFixed(1)},${(78 - point / top * 74).toFixed(1)}`);
    });
    return parts.filter(part => part.length > 0).map(part => svg('polyline', { class: styleOf(name), points: part.length > 1 ? part.join(' ') : `${part[0]} ${part[0]}` }));
  }
}

// Each gateway keeps its colour and dashes for as long as the page is open.
const gatewayStyles = new Map();
function styleOf(name) {
  if (!gatewayStyles.has(name)) gatewayStyles.set(name, `s${gatewayStyles.size % 8}`);
  return gatewayStyles.get(name);
}
