import { load, parity } from './fixture.js'
import { type TableCase, tableMismatch } from './layer-table.js'

parity('linear layers', load<TableCase>(import.meta.url, 'linear'), tableMismatch)
