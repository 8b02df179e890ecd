import { checkProgram, watchPasses } from '@linum/tensor/core'

// Every program that any test compiles is well formed after every pass.
watchPasses(checkProgram)
