import { nodeFlags } from '../../bin/node-flags.mjs';

export interface LauncherFacts {
  /** The Node that installed it. */
  readonly node: string;
  /** The bundled program. */
  readonly program: string;
  /** A folder of the system's certificates, each under its hash; undefined where there is none. */
  readonly certificates: string | undefined;
}

/** The oldest Node that runs the program, and the one that Telex is made with. */
const MINIMUM = '22.23';

/**
 * `telex-start` as it is installed. A shell script, because it must say what to do where there is no Node; it becomes that Node, so
 * no second process stays.
 */
export function launcherScript({ node, program, certificates }: LauncherFacts): string {
  const [major, minor] = MINIMUM.split('.');
  const isEnough = `const [a, b] = process.versions.node.split("."); process.exit(a > ${major} || (a == ${major} && b >= ${minor}) ? 0 : 1)`;
  return `#!/bin/sh
# Starts Telex Start. Written by \`telex-start install\`; \`telex-start uninstall\` removes it.
node=${shellWord(node)}
program=${shellWord(program)}
if [ ! -r "$program" ]; then
  echo "telex-start: $program is missing. Run telex-start install again in the Telex folder." >&2
  exit 1
fi
if [ ! -x "$node" ]; then
  gone=$node
  node=$(command -v node) || node=
  if [ -z "$node" ] || ! "$node" -e '${isEnough}'; then
    echo "telex-start: the Node that it was installed with is gone ($gone), and there is no other of version ${MINIMUM} or newer. Install Node 24 from https://nodejs.org, or run telex-start install again in the Telex folder." >&2
    exit 1
  fi
fi
# Fewer pages for a program that mostly waits.
MALLOC_ARENA_MAX=1
export MALLOC_ARENA_MAX
# What Node has compiled is kept: it must know before it reads the program.
case $XDG_CACHE_HOME in
  /*) NODE_COMPILE_CACHE=$XDG_CACHE_HOME/telex/compiled ;;
  *) NODE_COMPILE_CACHE=$HOME/.cache/telex/compiled ;;
esac
export NODE_COMPILE_CACHE
trust=--use-bundled-ca
${certificates === undefined ? '' : trustSystem(certificates)}exec "$node" ${nodeFlags.join(' ')} "$trust" "$program" "$@"
`;
}

/** The system's authorities, looked up one by one: Node's own list is parsed as a whole, which takes 2 MB. */
function trustSystem(folder: string): string {
  return `if [ -d ${shellWord(folder)} ]; then
  SSL_CERT_DIR=\${SSL_CERT_DIR:-${shellWord(folder)}}
  export SSL_CERT_DIR
  trust=--use-openssl-ca
fi
`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
