/**
 * Completion for fish.
 *
 * @module
 */

import {
  BOARD_NAMES_COMMAND,
  type CompletedCommand,
  type CompletedOption,
  type CompletedProgram,
  type Values,
} from './words.ts'

/** Returns the script. */
export function fishScript(program: CompletedProgram): string {
  const { name, options, commands } = program
  const takers = options.filter(({ values }) => values).map(({ long }) => quote(long))
  const none = `-n ${quote(`not __${name}_command >/dev/null`)}`
  const lines = [
    `complete -c ${name} -f`,
    ...options.map((option) => optionLine(option, { name, condition: '' })),
    ...commands.map(
      (command) =>
        `complete -c ${name} ${none} -a ${quote(command.name)} -d ${quote(command.description)}`,
    ),
    ...commands.flatMap((command) => commandLines(command, name)),
  ]
  return `# Completion of ${name} for fish. Made by: ${name} completion fish

function __${name}_command
  set -l skips 0
  for word in (commandline -opc)[2..-1]
    if test $skips = 1
      set skips 0
      continue
    end
    switch $word
      case ${takers.join(' ')}
        set skips 1
      case '-*'
      case '*'
        echo $word
        return 0
    end
  end
  return 1
end

function __${name}_boards
  set -l words (commandline -opc)
  set -l where
  for i in (seq (count $words))
    switch $words[$i]
      case --db
        test $i -lt (count $words); and set where --db $words[(math $i + 1)]
      case '--db=*'
        set where $words[$i]
    end
  end
  command ${name} $where ${BOARD_NAMES_COMMAND} 2>/dev/null
end

complete -c ${name} -e
${lines.join('\n')}
`
}

function commandLines(
  { name: command, options, arguments: given }: CompletedCommand,
  name: string,
) {
  const condition = ` -n ${quote(`contains -- ${command} (__${name}_command)`)}`
  const values = given.flatMap((argument) => {
    const offer = offerOf(argument.values, name)
    return offer === '' ? [] : [`complete -c ${name}${condition} ${offer}`]
  })
  return [...options.map((option) => optionLine(option, { name, condition })), ...values]
}

function optionLine(
  { long, short, description, values }: CompletedOption,
  { name, condition }: { name: string; condition: string },
): string {
  const letter = short === undefined ? '' : ` -s ${short.slice(1)}`
  const offer = values && offerOf(values, name)
  // -x: it takes a value, which is not a file but where -F says so.
  const value = values === undefined ? '' : values.kind === 'file' ? ' -r -F' : ` -x ${offer}`
  const words = `${letter} -l ${long.slice(2)} -d ${quote(description)}${value}`
  return `complete -c ${name}${condition}${words}`.trimEnd()
}

function offerOf(values: Values, name: string): string {
  if (values.kind === 'words') return `-a ${quote(values.words.map(escapeWord).join(' '))}`
  if (values.kind === 'board') return `-a ${quote(`(__${name}_boards)`)}`
  if (values.kind === 'directory') return `-a ${quote('(__fish_complete_directories)')}`
  return values.kind === 'file' ? '-F' : ''
}

function escapeWord(word: string): string {
  return word.replace(/[^\w./@%+-]/g, '\\$&')
}

function quote(word: string): string {
  return `'${word.replace(/[\\']/g, '\\$&')}'`
}
