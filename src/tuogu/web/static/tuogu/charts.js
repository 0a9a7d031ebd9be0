// Charts of the boards. <div data-tg-chart="months" data-tg-data="id of a json_script">: the kind names a function below.
// Every colour is a token, every text comes with the data; drawn as SVG so that it prints sharp, and again in a new theme.
(function () {
  const text = () => ({ fontFamily: getComputedStyle(document.body).fontFamily, color: tg.v('ink-2') });
  const axis = extra => Object.assign({
    axisLine: { lineStyle: { color: tg.v('line-2') } }, axisTick: { show: false },
    axisLabel: { color: tg.v('ink-3'), fontSize: 12 }, splitLine: { lineStyle: { color: tg.v('line') } },
    nameTextStyle: { color: tg.v('ink-3'), fontSize: 12 },
  }, extra);
  const loadColour = (value, band) => value > band.high ? tg.v('high') : value < band.low ? tg.v('low') : tg.v('inband');
  const bandArea = band => ({ silent: true, itemStyle: { color: tg.v('band') }, data: [[{ yAxis: band.low }, { yAxis: band.high }]] });
  const bandLines = band => ({
    silent: true, symbol: 'none', lineStyle: { color: tg.v('line-2'), type: 'solid' },
    label: { position: 'start', color: tg.v('ink-2'), fontWeight: 600, formatter: p => p.value, distance: 6 },
    data: [{ yAxis: band.low }, { yAxis: band.high }],
  });

  const kinds = {
    // {months: [...], dots: [[month index + shift, pieces, name]...], mean: [...], band: {low, high}, top, words: {unit, mean, people}}
    months: d => ({
      textStyle: text(), animation: false, grid: { left: 44, right: 20, top: 22, bottom: 30 },
      tooltip: { formatter: p => p.seriesName === d.words.mean ? d.words.mean + ' ' + p.value + ' ' + d.words.unit : d.months[Math.round(p.value[0])] + ' · ' + p.value[2] + ' ' + p.value[1] + ' ' + d.words.unit },
      xAxis: [axis({ type: 'value', min: -0.5, max: d.months.length - 0.5, interval: 1, show: false }), axis({ type: 'category', data: d.months, position: 'bottom', splitLine: { show: false } })],
      yAxis: axis({ type: 'value', min: 0, max: d.top, interval: 20, name: d.words.unit, axisLine: { show: false, onZero: false }, axisLabel: { color: tg.v('ink-3'), fontSize: 12, formatter: v => v === d.band.high ? '' : v }, splitLine: { lineStyle: { color: tg.v('line'), type: [2, 3] } } }),
      series: [
        { name: d.words.people, type: 'scatter', symbolSize: 5.5, data: d.dots, itemStyle: { opacity: 0.8, color: p => loadColour(p.value[1], d.band) }, markArea: bandArea(d.band), markLine: bandLines(d.band) },
        { name: d.words.mean, type: 'line', xAxisIndex: 1, data: d.mean, symbol: 'rect', symbolSize: [22, 2], lineStyle: { width: 0 }, itemStyle: { color: tg.v('ink') }, z: 5 },
      ],
    }),
    // {points: [[said, happened, rows]...] in percent, words: {said, happened, rows, perfect}}: the nearer to the line, the better
    calibration: d => ({
      textStyle: text(), animation: false, grid: { left: 48, right: 20, top: 26, bottom: 40 },
      tooltip: { trigger: 'item', formatter: p => p.value.length === 3 ? d.words.said + ' ' + p.value[0].toFixed(1) + '<br>' + d.words.happened + ' ' + p.value[1].toFixed(1) + '<br>' + p.value[2].toLocaleString() + ' ' + d.words.rows : d.words.perfect },
      xAxis: axis({ type: 'value', min: 0, max: 100, name: d.words.said, nameLocation: 'middle', nameGap: 26 }),
      yAxis: axis({ type: 'value', min: 0, max: 100, name: d.words.happened }),
      series: [
        { name: d.words.perfect, type: 'line', data: [[0, 0], [100, 100]], symbol: 'none', silent: true, lineStyle: { color: tg.v('line-2'), type: 'dashed', width: 1 } },
        { name: d.words.happened, type: 'line', data: d.points, symbol: 'circle', symbolSize: 8, itemStyle: { color: tg.v('accent') }, lineStyle: { color: tg.v('accent'), width: 1.5 } },
      ],
    }),
    // {bins: [...], now: [...] | null, plan: [...], inside: [first bin, last bin] or [] for no band, words: {unit, plan, now}}
    histogram: d => ({
      textStyle: text(), animation: false, grid: { left: 36, right: 10, top: 22, bottom: 26 },
      tooltip: { trigger: 'axis' },
      xAxis: axis({ type: 'category', data: d.bins, splitLine: { show: false }, axisLabel: { color: tg.v('ink-3'), fontSize: 10, interval: d.bins.length > 9 ? 1 : 0 } }),
      yAxis: axis({ type: 'value', name: d.words.unit, minInterval: 1, axisLine: { show: false } }),
      series: [
        { name: d.words.plan, type: 'bar', data: d.plan, barWidth: '68%', itemStyle: { color: tg.v('accent') }, markArea: { silent: true, itemStyle: { color: tg.v('band') }, data: d.inside.length ? [[{ xAxis: d.inside[0] }, { xAxis: d.inside[1] }]] : [] } },
      ].concat(d.now ? [{ name: d.words.now, type: 'bar', data: d.now, barWidth: '68%', barGap: '-100%', itemStyle: { color: 'transparent', borderColor: tg.v('ink-2'), borderWidth: 1.2 } }] : []),
    }),
    // {labels: [...], series: [{name, values: [...]}...]}
    bars: d => ({
      textStyle: text(), animation: false, grid: { left: 56, right: 16, top: d.series.length > 1 ? 34 : 16, bottom: 44 },
      tooltip: { trigger: 'axis' },
      legend: d.series.length > 1 ? { top: 0, right: 8, textStyle: { color: tg.v('ink-2'), fontSize: 12 }, itemWidth: 10, itemHeight: 10 } : undefined,
      xAxis: axis({ type: 'category', data: d.labels, splitLine: { show: false }, axisLabel: { color: tg.v('ink-3'), fontSize: 11, interval: 0, rotate: d.labels.length > 8 ? 30 : 0, width: 90, overflow: 'truncate' } }),
      yAxis: axis({ type: 'value', axisLine: { show: false } }),
      series: d.series.map((one, i) => ({ name: one.name, type: 'bar', data: one.values, barMaxWidth: 36, itemStyle: { color: tg.v(['accent', 'c2', 'c4', 'c5'][i % 4]) } })),
    }),
    // {labels: [...], series: [{name, values}]}: how many are left after each step, the first step on top
    funnel: d => ({
      textStyle: text(), animation: false, grid: { left: 150, right: 60, top: 8, bottom: 8 },
      tooltip: { trigger: 'axis' },
      xAxis: axis({ type: 'value', show: false }),
      yAxis: axis({ type: 'category', data: d.labels, inverse: true, axisLine: { show: false }, splitLine: { show: false }, axisLabel: { color: tg.v('ink-2'), fontSize: 12, width: 140, overflow: 'truncate' } }),
      series: [{ name: d.series[0].name, type: 'bar', data: d.series[0].values, barMaxWidth: 22, itemStyle: { color: tg.v('accent') }, label: { show: true, position: 'right', color: tg.v('ink-2'), formatter: p => p.value.toLocaleString() } }],
    }),
    // {labels: [...], unit, series: [{name, values}...]}: a gap where there is no figure, never a line over it
    lines: d => ({
      textStyle: text(), animation: false, grid: { left: 52, right: 20, top: 40, bottom: 30 },
      tooltip: { trigger: 'axis' },
      legend: { top: 0, left: 0, type: 'scroll', textStyle: { color: tg.v('ink-2'), fontSize: 12 }, itemWidth: 18, itemHeight: 8 },
      xAxis: axis({ type: 'category', data: d.labels, splitLine: { show: false } }),
      yAxis: axis({ type: 'value', min: 0, axisLine: { show: false } }),
      series: d.series.map((one, i) => ({ name: one.name, type: 'line', data: one.values, connectNulls: false, symbol: ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'pin'][i % 6], symbolSize: 7, lineStyle: { type: ['solid', 'dashed', 'dotted'][i % 3], width: 2 }, itemStyle: { color: tg.v(['accent', 'c4', 'c5', 'c1', 'c3', 'c2'][i % 6]) } })),
    }),
    // {labels: [...], unit, series: [{name, values}], dots: [[place, value]...], people}: places ranked, their people as dots
    spread: d => ({
      textStyle: text(), animation: false, grid: { left: 52, right: 20, top: 40, bottom: 54 },
      tooltip: { formatter: p => Array.isArray(p.value) ? d.people + ' ' + p.value[1] + d.unit : p.name + ' ' + p.value + d.unit },
      legend: { top: 0, left: 0, textStyle: { color: tg.v('ink-2'), fontSize: 12 }, itemWidth: 10, itemHeight: 10 },
      xAxis: axis({ type: 'category', data: d.labels, splitLine: { show: false }, axisLabel: { color: tg.v('ink-3'), fontSize: 11, interval: d.labels.length > 12 ? 'auto' : 0, hideOverlap: true, rotate: d.labels.length > 6 ? 30 : 0, width: 90, overflow: 'truncate' } }),
      yAxis: axis({ type: 'value', axisLine: { show: false } }),
      series: [
        { name: d.series[0].name, type: 'bar', data: d.series[0].values, barMaxWidth: 36, itemStyle: { color: tg.v('accent') } },
        { name: d.people, type: 'scatter', data: d.dots, symbolSize: 7, itemStyle: { color: tg.v('c2'), borderColor: tg.v('ink'), borderWidth: 0.8, opacity: 0.85 } },
      ],
    }),
  };

  tg.kinds = kinds;
  tg.axis = axis;
  tg.chart = function (element, option) {
    const chart = echarts.init(element, null, { renderer: 'svg' });
    const draw = () => chart.setOption(option(), true);
    draw();
    tg.redraw.push(draw);
    new ResizeObserver(() => chart.resize()).observe(element);
    return chart;
  };
  document.querySelectorAll('[data-tg-chart]').forEach(element => {
    const data = tg.data(element.dataset.tgData);
    tg.chart(element, () => kinds[element.dataset.tgChart](data));
  });
})();
