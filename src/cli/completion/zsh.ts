/**
 * Completion for zsh: a file of `fpath`, or one that is sourced after compinit.
 *
 * @module
 */

import {
  BOARD_NAMES_COMMAND,
  type CompletedArgument,
  type CompletedOption,
  type CompletedProgram,
  type Values,
} from './words.ts'

/** Returns the script. */
export function zshScript({ name, options, commands }: CompletedProgram): string {
  const globals = options.flatMap((option) => optionSpecs(option, name))
  const described = commands.map((command) =>
    quote(`${escapeColon(command.name)}:${escapeColon(command.description)}`),
  )
  const cases = commands.map((command) => {
    const specs = [
      ...command.options.flatMap((option) => optionSpecs(option, name)),
      ...command.arguments.map((argument, i) => argumentSpec(argument, i + 1, name)),
    ]
    return `        ${command.name})
          _arguments -s -S $globals \\
            ${specs.join(' \\\n            ')}
          ;;`
  })
  return `#compdef ${name}
# Completion of ${name} for zsh. Made by: ${name} completion zsh

_${name}_boards() {
  local -a boards where
  local db=\${opt_args[--db]:-$${name}_db}
  [[ -n $db ]] && where=(--db \${(Q)db})
  boards=(\${(f)"$(_call_program boards ${name} \${(q)where} ${BOARD_NAMES_COMMAND} 2>/dev/null)"})
  compadd -a boards
}

_${name}() {
  local curcontext=$curcontext context state line ${name}_db
  local -a commands globals
  typeset -A opt_args
  globals=(
    ${globals.join('\n    ')}
  )
  commands=(
    ${described.join('\n    ')}
  )
  _arguments -C -s $globals '1:command:->command' '*::argument:->argument' && return
  ${name}_db=\${opt_args[--db]}
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      curcontext="\${curcontext%:*:*}:${name}-$words[1]:"
      case $words[1] in
${cases.join('\n')}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`
}

function optionSpecs(
  { long, short, description, values }: CompletedOption,
  name: string,
): string[] {
  const tail = `[${escapeText(description)}]${values === undefined ? '' : `:value:${actionOf(values, name)}`}`
  // With its sign too: --db DIR and --db=DIR.
  const flag = values === undefined ? long : `${long}=`
  if (short === undefined) return [quote(`${flag}${tail}`)]
  return [quote(`(${long})${short}${tail}`), quote(`(${short})${flag}${tail}`)]
}

function argumentSpec(argument: CompletedArgument, place: number, name: string): string {
  const place_ = argument.isVariadic ? '*' : String(place)
  // Two colons for an argument that may be missing are not needed: nothing is checked here.
  return quote(`${place_}:${escapeText(argument.name)}:${actionOf(argument.values, name)}`)
}

function actionOf(values: Values, name: string): string {
  if (values.kind === 'words') return `(${values.words.map(escapeWord).join(' ')})`
  if (values.kind === 'board') return `_${name}_boards`
  if (values.kind === 'file') return '_files'
  return values.kind === 'directory' ? '_directories' : ' '
}

function escapeText(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&')
}

function escapeColon(text: string): string {
  return text.replace(/[\\:]/g, '\\$&')
}

function escapeWord(word: string): string {
  return word.replace(/[^\w./@%+-]/g, '\\$&')
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
