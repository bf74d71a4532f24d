/**
 * The search: a field with what it may mean below it, as a combobox.
 * @module
 */
import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "../app.ts";
import { find } from "../find.ts";

export function Search({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const { about } = useApp();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const types = Object.values(about.providers).flatMap(({ types }) => types);
  const found = find(text, types);
  const open = text.trim() !== "";
  const close = () => {
    setText("");
    setChosen(0);
  };
  const go = (link: string | undefined) => {
    if (link === undefined) return;
    close();
    input.current?.blur();
    location.hash = link;
  };
  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined && found.length > 0) setChosen((chosen + by + found.length) % found.length);
    else if (event.key === "Enter") go(found[chosen]?.link);
    else if (event.key === "Escape") {
      close();
      input.current?.blur();
    } else return;
    event.preventDefault();
  };
  return (
    <search class="search">
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Search: type and id"
        aria-expanded={open}
        aria-controls="found"
        aria-activedescendant={open && found[chosen] ? `found-${chosen}` : undefined}
        aria-autocomplete="list"
        aria-keyshortcuts="/"
        placeholder="Search: type id"
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKey}
        onBlur={close}
      />
      <span class="key" aria-hidden="true">
        /
      </span>
      <div id="found" role="listbox" aria-label="What it may mean" class={open ? "found" : "found none"}>
        {found.map(({ link, words, why }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys, as of every combobox
          <div
            key={link}
            id={`found-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => go(link)}
          >
            {words.map((word, at) => (
              <bdi key={`${at} ${word}`} class={at === words.length - 1 ? "strong" : "muted"}>
                {word}
              </bdi>
            ))}
            <span class="why">{why}</span>
          </div>
        ))}
        {open && found.length === 0 && (
          <div role="option" tabIndex={-1} aria-selected={false} aria-disabled="true" class="muted">
            Write a type and an id: <code>{types[0] ?? "stripe.invoice"} 1</code>
          </div>
        )}
      </div>
    </search>
  );
}
