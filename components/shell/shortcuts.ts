/** Whether single keys are shortcuts: those who speak to their computer set off keys that they never meant (WCAG 2.1.4). */

const KEY = 'single-key-shortcuts';

/** On unless the reader turned them off in this browser. */
export function hasShortcuts(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off';
  } catch {
    // The browser forbids the page to store anything.
    return true;
  }
}

/** Turns them on or off; false when the browser does not let the page keep the choice. */
export function keepShortcuts(on: boolean): boolean {
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off');
    return true;
  } catch {
    return false;
  }
}
