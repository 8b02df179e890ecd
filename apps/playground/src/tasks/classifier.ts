import { jit, type Module, nn, optim, Optimizer, type Tensor, valueAndGrad, type Variable } from 'linum'

/** A model that gives logits: [n, ...] to [n, classes]. */
export interface Classifier extends Module {
  forward(x: Tensor): Tensor
}

/** A step of training: the loss, and how many examples of the batch are right. */
export const trainStep: (
  model: Classifier,
  optimizer: Optimizer<Classifier>,
  x: Tensor,
  y: Tensor,
) => readonly [loss: Tensor, right: Tensor] = jit(
  (model: Classifier, optimizer: Optimizer<Classifier>, x: Tensor, y: Tensor) => {
    const lossFn = (model: Classifier): readonly [Tensor, Tensor] => {
      const logits = model.forward(x)
      return [optim.softmaxCrossEntropyWithIntegerLabels(logits, y).mean(), logits]
    }
    const [[loss, logits], grads] = valueAndGrad(lossFn, { hasAux: true })(model)
    optimizer.update(grads)
    return [loss, logits.argmax({ axis: -1 }).eq(y).sum()] as const
  },
)

/** The probabilities of the classes: [n, classes]. */
export const classify: (model: Classifier, x: Tensor) => Tensor = jit((model: Classifier, x: Tensor) =>
  nn.softmax(model.forward(x)),
)

/** The most probable class of each: [n]. */
export const predict: (model: Classifier, x: Tensor) => Tensor = jit((model: Classifier, x: Tensor) =>
  model.forward(x).argmax({ axis: -1 }),
)

/** Adam, whose learning rate can be changed between steps. */
export const adamFor = (model: Classifier): Optimizer<Classifier> =>
  new Optimizer(model, optim.injectHyperparams(optim.adam)(1e-3))

interface InjectedState {
  readonly hyperparams: { readonly learningRate: Variable<Tensor> }
}

/** The learning rate of {@link adamFor}, part of the optimizer's state. */
export const rateOf = (optimizer: Optimizer<Classifier>): Variable<Tensor> =>
  (optimizer.optState as unknown as InjectedState).hyperparams.learningRate
