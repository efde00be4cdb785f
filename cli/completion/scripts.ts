export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Each asks the program itself what may stand at the cursor; where it knows nothing, the shell offers files. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# presage completion bash. For this shell: source <(presage completion bash)
_presage() {
  local IFS=$'\\n'
  COMPREPLY=($(presage __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _presage presage
`,
  zsh: `#compdef presage
# presage completion zsh. For this shell: source <(presage completion zsh)
_presage() {
  local -a found
  local line
  while IFS= read -r line; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(presage __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe presage found; else _files; fi
}
compdef _presage presage
`,
  fish: `# presage completion fish. For this shell: presage completion fish | source
function __presage_complete
  set -l found (presage __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c presage -f -a '(__presage_complete)'
`,
};
