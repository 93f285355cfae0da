/** How long an acknowledgement may be, in letters and hours. Apart from the schema, so that a form does not load zod. */
export const ACKNOWLEDGE_LIMITS = {
  byLetters: 80,
  reasonLetters: 500,
  hours: { min: 0.25, max: 168 },
} as const;
