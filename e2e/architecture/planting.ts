/** The shape of a planted violation, and how to write one. */

/** A file to write into the temporary tree. */
export type PlantedFile = { path: string; text: string };

/** What must be caught and by which lint rule (or scan), and what must not be. */
export type Planted = {
  /** The guarantee, as a sentence. */
  promise: string;
  /** The linter's rule; undefined where a scan of this name catches it. */
  lint?: string;
  /** Part of the message that the linter, or the name of the scan that the architecture test, must give. */
  says: string;
  bad: PlantedFile;
  good: PlantedFile;
};

/** A file that imports one name and uses it. */
export function importing(path: string, specifier: string, name = 'thing'): PlantedFile {
  return { path, text: `import { ${name} } from '${specifier}';\n\nexport const used = ${name};\n` };
}

/** A file with this text. */
export function file(path: string, text: string): PlantedFile {
  return { path, text: `${text}\n` };
}

/** A file that evaluates one expression, but not at import time. */
export function expression(path: string, code: string): PlantedFile {
  return file(path, `export const made = () => ${code};`);
}
