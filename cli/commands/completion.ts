/** `completion`: what a shell needs to complete the commands. */
import { Argument, type Command } from "commander";
import { command } from "../command.ts";
import { createProgram, type Kit } from "../program.ts";

export const completionCommand = (kit: Kit) =>
  command("completion", "Prints a script that completes the commands in a shell", [
    "completion bash >> ~/.bashrc",
    "completion zsh >> ~/.zshrc",
    "completion fish > ~/.config/fish/completions/tidemark.fish",
  ])
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .action((shell: Shell) => kit.io.out(scripts[shell](wordsOf(createProgram(kit)))));

type Shell = "bash" | "zsh" | "fish";
interface Word {
  name: string;
  description: string;
  options: readonly string[];
}

const wordsOf = (program: Command): Word[] =>
  program.commands.map((one) => ({
    name: one.name(),
    description: one.description(),
    options: [...one.options.flatMap(({ long }) => (long ? [long] : [])), "--help"],
  }));

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const bash = (words: readonly Word[]): string => `
_tidemark() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_WORDS[1]}" in
${words.map(({ name, options }) => `    ${name}) COMPREPLY=($(compgen -W "${options.join(" ")}" -- "$word")); return;;`).join("\n")}
  esac
  [ "$COMP_CWORD" -eq 1 ] && COMPREPLY=($(compgen -W "${words.map(({ name }) => name).join(" ")}" -- "$word"))
}
complete -o default -F _tidemark tidemark
`;

const scripts: Record<Shell, (words: readonly Word[]) => string> = {
  bash,
  // zsh takes bash's completions.
  zsh: (words) => `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`,
  fish: (words) =>
    words
      .flatMap(({ name, description, options }) => [
        `complete -c tidemark -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
        ...options.map(
          (option) => `complete -c tidemark -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`,
        ),
      ])
      .map((line) => `${line}\n`)
      .join(""),
};
