import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useRef } from 'react';

/** Opens an example in a tab of its own. */
export function ExamplesMenu({ examples }) {
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
        {examples.map((example) => (
          <button type="button" key={example.title} onClick={() => open(example)}>
            {example.title}
          </button>
        ))}
      </div>
    </div>
  );
}
