#!/usr/bin/env node
import { launch, screenOn } from 'digits/program'
import { play } from './catalogue.js'

await launch('example', (args, signal) =>
  play(args, { screen: screenOn(process.stdout, process.stderr, process.env), signal }),
)
