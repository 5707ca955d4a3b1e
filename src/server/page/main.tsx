/**
 * The live page of the server: it begins here.
 *
 * @module
 */

import { render } from 'preact'
import { App } from './app.tsx'
import './style.css'

const root = document.getElementById('page')
if (root !== null) render(<App />, root)
