import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './style.css';
import { createRoot } from 'react-dom/client';
import { Page } from './page.jsx';

createRoot(document.getElementById('root')).render(<Page url={new URL('/graphql', location.href).href} />);
