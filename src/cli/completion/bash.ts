/**
 * Completion for bash, from 3.2 on, without the package bash-completion.
 *
 * Names of boards are somebody else's text: they are compared as they are and quoted, and never given
 * to `compgen -W`, which would run what they contain.
 *
 * @module
 */

import { BOARD_NAMES_COMMAND, type CompletedProgram, type Values } from './words.ts'

/** Returns the script. */
export function bashScript(program: CompletedProgram): string {
  const { name, commands } = program
  return `# Completion of ${name} for bash. Made by: ${name} completion bash

_${name}_offer() {
  local word
  for word in "$@"; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
  done
}

_${name}_paths() {
  local path
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$cur")
  compopt -o filenames 2>/dev/null
}

_${name}_boards() {
  local board
  while IFS= read -r board; do
    [[ $board == "$cur"* ]] && COMPREPLY+=("$(printf %q "$board")")
  done < <("\${COMP_WORDS[0]}" \${db:+--db "$db"} ${BOARD_NAMES_COMMAND} 2>/dev/null </dev/null)
}

_${name}_takes_value() {
  case "$1" in
${takers(program)}
  esac
  return 1
}

_${name}_value() {
  case "$1" in
${valueCases(program)}
  esac
}

_${name}_argument() {
  case "$1" in
${argumentCases(program)}
  esac
}

_${name}_options() {
  case "$1" in
${commands.map((command) => `    ${quote(command.name)}) _${name}_offer ${longs(command)} ;;`).join('\n')}
  esac
  _${name}_offer ${longs(program)}
}

${mainFunction(program)}

complete -F _${name} ${name}
`
}

// The options behind which a value stands, as patterns.
function takers({ options, commands }: CompletedProgram): string {
  const everywhere = options.filter(({ values }) => values)
  const patterns = [
    ...everywhere.map(({ long }) => `*${quote(` ${long}`)}`),
    ...commands.flatMap((command) =>
      command.options
        .filter(({ values }) => values)
        .map(({ long }) => quote(`${command.name} ${long}`)),
    ),
  ]
  return patterns.map((pattern) => `    ${pattern}) return 0 ;;`).join('\n')
}

// Finds out at which word of which command the cursor stands.
function mainFunction({ name, commands }: CompletedProgram): string {
  return `_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command='' expects='' ended='' db='' places=0 word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $expects ]]; then
      # --option=value comes apart at its sign.
      [[ $word == = ]] && continue
      [[ $expects == --db ]] && db=\${word/#\\~/$HOME}
      expects=''
    elif [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == -* ]]; then
      _${name}_takes_value "$command $word" && expects=$word
    elif [[ -z $command ]]; then
      command=$word
    else
      places=$((places + 1))
    fi
  done
  [[ -n $expects && $cur == = ]] && cur=''
  if [[ -n $expects ]]; then
    _${name}_value "$command $expects"
  elif [[ -z $ended && $cur == -* ]]; then
    _${name}_options "$command"
  elif [[ -z $command ]]; then
    _${name}_offer ${commands.map((command) => quote(command.name)).join(' ')}
  else
    _${name}_argument "$command $places"
  fi
}`
}

function valueCases(program: CompletedProgram): string {
  const global = program.options.flatMap(({ long, values }) =>
    values ? casesOf(`*${quote(` ${long}`)}`, values, program.name) : [],
  )
  const own = program.commands.flatMap((command) =>
    command.options.flatMap(({ long, values }) =>
      values ? casesOf(quote(`${command.name} ${long}`), values, program.name) : [],
    ),
  )
  return [...global, ...own].join('\n')
}

function argumentCases({ name, commands }: CompletedProgram): string {
  const cases = commands.flatMap((command) =>
    command.arguments.flatMap(({ isVariadic, values }, place) => {
      const pattern = isVariadic
        ? `${quote(`${command.name} `)}*`
        : quote(`${command.name} ${place}`)
      return casesOf(pattern, values, name)
    }),
  )
  return cases.join('\n')
}

function casesOf(pattern: string, values: Values, name: string): string[] {
  if (values.kind === 'any') return []
  return [`    ${pattern}) ${offerOf(values, name)} ;;`]
}

function offerOf(values: Values, name: string): string {
  if (values.kind === 'words') return `_${name}_offer ${values.words.map(quote).join(' ')}`
  if (values.kind === 'board') return `_${name}_boards`
  return `_${name}_paths ${values.kind === 'file' ? '-f' : '-d'}`
}

function longs({ options }: Pick<CompletedProgram, 'options'>): string {
  return options.map(({ long }) => quote(long)).join(' ')
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
