import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useRef } from 'react';
import { isMutation } from './offered-examples.ts';

/** Opens an example in a tab of its own; it runs only when the reader says so. Mutations are marked as such. */
export function ExamplesMenu({ groups }) {
  const { addTab } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const menu = useRef(null);

  const open = ({ query, variables }) => {
    addTab();
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables ? JSON.stringify(variables, null, 2) : '');
    menu.current?.hidePopover();
  };

  return (
    <div className="examples">
      <button type="button" className="quiet" popoverTarget="examples-menu">
        Examples ▾
      </button>
      <div id="examples-menu" popover="auto" ref={menu}>
        {groups
          .filter((group) => group.examples.length > 0)
          .map((group) => (
            <section key={group.title}>
              <h2>{group.title}</h2>
              {group.examples.map((example) => (
                <button type="button" key={example.title} onClick={() => open(example)}>
                  {example.title}
                  {isMutation(example) && <small>changes</small>}
                </button>
              ))}
            </section>
          ))}
      </div>
    </div>
  );
}
