# SPDX-License-Identifier: MIT
"""The twin of lib/site.lua: the same Markdown subset, the same HTML."""

import re

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
SPECIAL, CODE = re.compile(r"[&<>]"), re.compile(r"`([^`]+)`")
STRONG, EMPHASIS = re.compile(r"\*\*([^*]+)\*\*"), re.compile(r"\*([^*]+)\*")
LINK, HEADING = re.compile(r"\[([^\]]+)\]\(([^)]+)\)"), re.compile(r"(#+) (.*)")


def source(i):
    return ("# Page %d\n\nThis is *page* number **%d** & it is <small>.\n\n- first item\n- second `item`\n"
            "- a [link](page%d.html)\n\nA last paragraph\nof two lines.\n" % (i, i, i + 1))


def inline(text):
    text = SPECIAL.sub(lambda m: ENTITIES[m.group()], text)
    text = CODE.sub(r"<code>\1</code>", text)
    text = STRONG.sub(r"<strong>\1</strong>", text)
    text = EMPHASIS.sub(r"<em>\1</em>", text)
    return LINK.sub(r'<a href="\2">\1</a>', text)


def flush(out, paragraph):
    if paragraph:
        out.append("<p>" + inline(" ".join(paragraph)) + "</p>")
    return []


def render(text):
    out, paragraph, in_list = [], [], False
    for line in text.split("\n")[:-1]:
        item = line[2:] if line.startswith("- ") else None
        heading = HEADING.match(line)
        if in_list and item is None:
            out.append("</ul>")
            in_list = False
        if heading:
            paragraph = flush(out, paragraph)
            tag = "h%d>" % len(heading.group(1))
            out.append("<" + tag + inline(heading.group(2)) + "</" + tag)
        elif item is not None:
            paragraph = flush(out, paragraph)
            if not in_list:
                out.append("<ul>")
                in_list = True
            out.append("<li>" + inline(item) + "</li>")
        elif line == "":
            paragraph = flush(out, paragraph)
        else:
            paragraph.append(line)
    flush(out, paragraph)
    if in_list:
        out.append("</ul>")
    return "\n".join(out)


def page(title, text):
    return ("<!DOCTYPE html>\n<html><head><title>" + title + "</title></head>\n<body>\n"
        + render(text)
            + "\n</body></html>\n")
