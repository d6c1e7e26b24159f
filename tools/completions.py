#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shell completion for the command, made from what `perigee --help` prints, so that it knows every option there is.

    tools/completions.py PERIGEE bash|zsh|fish OUTPUT

A row of the help is a spelling and a sentence:   -l mod   require ...      --tier=interp|baseline|opt   highest tier allowed
From the spelling come the values: small words between bars or slashes are offered, FILE as file names, anything else is left to the user.
"""

import re
import subprocess
import sys

ROW = re.compile(r"^  (?:(-[a-zA-Z])( [a-z=]+)?|(--[a-z][^ ]*)) +(.*)$")


class Option:
    """flag: as written; takes: what follows as the next argument, or None; values: words behind '=', None: it takes none."""

    def __init__(self, spelling, argument, text):
        match = re.match(r"(--?[a-zA-Z-]+)(\[?=(.*))?$", spelling)
        self.flag, self.text = match.group(1), text
        self.takes = argument.strip() if argument else None
        self.values = None if match.group(2) is None else self.words(match.group(3))
        self.optional = spelling[len(self.flag):].startswith("[")

    @staticmethod
    def words(spelling):
        first = re.split(r"[\],:\[]", spelling)[0]
        return [w for w in first.split("|") if re.fullmatch(r"[a-z]+", w)]


def read_options(perigee):
    text = subprocess.run([perigee, "--help"], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in text.splitlines():
        match = ROW.match(line)
        if match is None:
            continue
        option = Option(match.group(1) or match.group(3), match.group(2), match.group(4))
        known = found.setdefault(option.flag, option)
        if known is not option and option.values is not None: # --list and --list=full
            known.values, known.optional = (known.values or []) + option.values, True
    return list(found.values())


def bash(options):
    flags = " ".join(o.flag + ("=" if o.values is not None and not o.optional else "") for o in options)
    cases = "\n".join(f"        {o.flag}) words='{' '.join(o.values)}' ;;" for o in options if o.values)
    nothing = "|".join(o.flag for o in options if o.takes)
    return f"""# bash completion for perigee; made by tools/completions.py
_perigee() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} option= words=
    # bash takes --name=value apart at the sign
    if [ "$cur" = = ]; then option=${{COMP_WORDS[COMP_CWORD-1]}} cur=
    elif [ "$COMP_CWORD" -ge 2 ] && [ "${{COMP_WORDS[COMP_CWORD-1]}}" = = ]; then option=${{COMP_WORDS[COMP_CWORD-2]}}
    else case ${{COMP_WORDS[COMP_CWORD-1]}} in {nothing}) return ;; esac; fi
    case $option in
{cases}
        '')
            case $cur in
                -*)
                    COMPREPLY=($(compgen -W '{flags}' -- "$cur"))
                    case ${{COMPREPLY[0]}} in *=) [ ${{#COMPREPLY[@]}} = 1 ] && compopt -o nospace 2>/dev/null ;; esac ;;
                *)
                    compopt -o filenames 2>/dev/null
                    COMPREPLY=($(compgen -f -X '!*.lua' -- "$cur") $(compgen -d -- "$cur")) ;;
            esac
            return ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
complete -F _perigee perigee
"""


def zsh(options):
    def spec(o):
        help_text = re.sub(r"([\[\]:'\\])", r"\\\1", o.text).replace("\\'", "")
        if o.takes:
            return f"  '*{o.flag}[{help_text}]:{o.takes}:'"
        if o.values is None:
            return f"  '{o.flag}[{help_text}]'"
        action = f"({' '.join(o.values)})" if o.values else " "
        return f"  '{o.flag}=-[{help_text}]{'::' if o.optional else ':'}value:{action}'"
    return "#compdef perigee\n# zsh completion for perigee; made by tools/completions.py\n_arguments -s \\\n" + " \\\n".join(spec(o) for o in options) + \
        " \\\n  '1:script:_files -g \"*.lua(-.)\"' \\\n  '*:argument:_files'\n"


def fish(options):
    lines = ["# fish completion for perigee; made by tools/completions.py"]
    for o in options:
        quoted = o.text.replace("\\", "\\\\").replace("'", "\\'")
        name = f"-l {o.flag[2:]}" if o.flag.startswith("--") else f"-s {o.flag[1:]}"
        values = f" -x -a '{' '.join(o.values)}'" if o.values and not o.optional else f" -f -a '{' '.join(o.values)}'" if o.values else ""
        takes = " -x" if o.takes or o.values == [] else ""
        lines.append(f"complete -c perigee {name}{values}{takes} -d '{quoted}'")
    return "\n".join(lines) + "\n"


def main():
    perigee, shell, output = sys.argv[1:]
    text = {"bash": bash, "zsh": zsh, "fish": fish}[shell](read_options(perigee))
    with open(output, "w", encoding="utf-8") as out:
        out.write(text)


if __name__ == "__main__":
    main()
