/**
 * What came of what was done, in a line.
 * @module
 */

export interface Notice {
  key: number;
  text: string;
  bad: boolean;
}

const SHOWN = 3;
let notices: readonly Notice[] = [];
let made = 0;
let listener = (_: readonly Notice[]): void => {};

export const onNotices = (listen: (notices: readonly Notice[]) => void): void => {
  listener = listen;
};

export function notify(text: string, bad = false): void {
  notices = [...notices, { key: ++made, text, bad }].slice(-SHOWN);
  listener(notices);
}

export function dismiss(key: number): void {
  notices = notices.filter((notice) => notice.key !== key);
  listener(notices);
}
