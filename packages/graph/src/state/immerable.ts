/**
 * The mark by which immer drafts instances of a class. The symbol itself, since importing immer for it would put all of
 * immer into programs that edit no State.
 */
export const immerable: unique symbol = Symbol.for('immer-draftable') as never
