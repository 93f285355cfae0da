// Plain JavaScript: it must also run, and explain, on a Node that is too old for the rest of the project.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Trellis needs Node 24 or newer; this is ${process.versions.node}.\n` +
      'On Linux (x64, arm64) npm brings it as an optional dependency, which did not install here. Install Node 24 and run again.',
  );
  process.exit(1);
}
