/** Dark unless the reader or the system says otherwise; a choice is kept in a cookie. */
import { keepChoice } from './choice.ts';

/** Changes the theme of the whole document. */
export function toggleTheme(): void {
  const { dataset } = document.documentElement;
  const isLight =
    dataset.theme === 'light' || (dataset.theme === undefined && matchMedia('(prefers-color-scheme: light)').matches);
  dataset.theme = isLight ? 'dark' : 'light';
  keepChoice('theme', dataset.theme);
}
