/** What makes a shell ask this program for completions, one script per shell. */
import { PROGRAM } from "./help.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

/** The hidden command that the scripts call. */
export const COMPLETE = "__complete";

// In bash "=" and ":" end a word by default; the words are put together again before they are handed on.
const BASH = `_bullmq_workflows() {
  local words cword cur
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n =: words cword cur
  else
    words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur="\${COMP_WORDS[COMP_CWORD]}"
  fi
  local IFS=$'\\n'
  COMPREPLY=($("\${words[0]}" ${COMPLETE} -- "\${words[@]:1:cword}" 2>/dev/null | cut -f1))
  if declare -F __ltrim_colon_completions >/dev/null; then
    __ltrim_colon_completions "$cur"
  fi
}
complete -o default -F _bullmq_workflows ${PROGRAM}
`;

const ZSH = `#compdef ${PROGRAM}
_bullmq_workflows() {
  local line word
  local -a described
  while IFS= read -r line; do
    word="\${line%%$'\\t'*}"
    described+=("\${word//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" ${COMPLETE} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#described} )); then
    _describe '${PROGRAM}' described
  else
    _files
  fi
}
compdef _bullmq_workflows ${PROGRAM}
`;

const FISH = `function __bullmq_workflows_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] ${COMPLETE} -- $words[2..-1] 2>/dev/null
end
complete -c ${PROGRAM} -f -a '(__bullmq_workflows_complete)'
`;

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
};
