/** Counts the steps that searching takes, so that tests can tell a logarithm from a scan without a clock. */
export interface OperationCounter {
  count: number;
}

/** A node of an AVL tree: `summary` is made of the values of the whole subtree. */
export interface TreeNode<V, S> {
  key: bigint;
  value: V;
  left: TreeNode<V, S> | undefined;
  right: TreeNode<V, S> | undefined;
  height: number;
  summary: S;
}

/** Makes the summary of a subtree from its root's value and the summaries below. */
export type Summarise<V, S> = (value: V, left: S | undefined, right: S | undefined) => S;

/**
 * An ordered map from bigint to `V`, balanced (AVL), with a summary in each node that lets a search skip subtrees.
 */
export interface OrderedTree<V, S = undefined> {
  readonly size: number;
  readonly root: TreeNode<V, S> | undefined;
  get(key: bigint): V | undefined;
  set(key: bigint, value: V): void;
  delete(key: bigint): void;
  /** The entry with the greatest key that is not above `key`. */
  floor(key: bigint): { readonly key: bigint; readonly value: V } | undefined;
  /** The entry with the smallest key that is not below `key`. */
  ceiling(key: bigint): { readonly key: bigint; readonly value: V } | undefined;
}

type MaybeNode<V, S> = TreeNode<V, S> | undefined;

/** Creates an empty tree. */
export function createOrderedTree<V, S>(operations: OperationCounter, summarise: Summarise<V, S>): OrderedTree<V, S> {
  let root: MaybeNode<V, S>;
  let size = 0;

  function update(node: TreeNode<V, S>): TreeNode<V, S> {
    node.height = 1 + Math.max(node.left?.height ?? 0, node.right?.height ?? 0);
    node.summary = summarise(node.value, node.left?.summary, node.right?.summary);
    return node;
  }

  function rotateRight(node: TreeNode<V, S>, pivot: TreeNode<V, S>): TreeNode<V, S> {
    node.left = pivot.right;
    pivot.right = update(node);
    return update(pivot);
  }

  function rotateLeft(node: TreeNode<V, S>, pivot: TreeNode<V, S>): TreeNode<V, S> {
    node.right = pivot.left;
    pivot.left = update(node);
    return update(pivot);
  }

  function balance(node: TreeNode<V, S>): TreeNode<V, S> {
    const { left, right } = node;
    const lean = (left?.height ?? 0) - (right?.height ?? 0);
    if (lean > 1 && left !== undefined) {
      const inner = left.right;
      node.left = inner !== undefined && inner.height > (left.left?.height ?? 0) ? rotateLeft(left, inner) : left;
      return rotateRight(node, node.left);
    }
    if (lean < -1 && right !== undefined) {
      const inner = right.left;
      node.right = inner !== undefined && inner.height > (right.right?.height ?? 0) ? rotateRight(right, inner) : right;
      return rotateLeft(node, node.right);
    }
    return update(node);
  }

  function insert(node: MaybeNode<V, S>, key: bigint, value: V): TreeNode<V, S> {
    operations.count++;
    if (node === undefined) {
      size++;
      return {
        key,
        value,
        left: undefined,
        right: undefined,
        height: 1,
        summary: summarise(value, undefined, undefined),
      };
    }
    if (key < node.key) {
      node.left = insert(node.left, key, value);
    } else if (key > node.key) {
      node.right = insert(node.right, key, value);
    } else {
      node.value = value;
    }
    return balance(node);
  }

  /** Takes the leftmost node out of a subtree; it is handed back through `taken`. */
  function removeFirst(node: TreeNode<V, S>, taken: TreeNode<V, S>[]): MaybeNode<V, S> {
    operations.count++;
    if (node.left === undefined) {
      taken.push(node);
      return node.right;
    }
    node.left = removeFirst(node.left, taken);
    return balance(node);
  }

  function remove(node: MaybeNode<V, S>, key: bigint): MaybeNode<V, S> {
    operations.count++;
    if (node === undefined) {
      return undefined;
    }
    if (key < node.key) {
      node.left = remove(node.left, key);
    } else if (key > node.key) {
      node.right = remove(node.right, key);
    } else {
      size--;
      if (node.right === undefined) {
        return node.left;
      }
      const taken: TreeNode<V, S>[] = [];
      const right = removeFirst(node.right, taken);
      for (const successor of taken) {
        successor.left = node.left;
        successor.right = right;
        return balance(successor);
      }
    }
    return balance(node);
  }

  function nearest(key: bigint, below: boolean): { key: bigint; value: V } | undefined {
    let node = root;
    let best: MaybeNode<V, S>;
    while (node !== undefined) {
      operations.count++;
      if (node.key === key) {
        return { key, value: node.value };
      }
      const nodeIsBelow = node.key < key;
      if (nodeIsBelow === below) {
        best = node;
      }
      node = nodeIsBelow ? node.right : node.left;
    }
    return best && { key: best.key, value: best.value };
  }

  return {
    get size() {
      return size;
    },
    get root() {
      return root;
    },
    get(key) {
      const found = nearest(key, true);
      return found?.key === key ? found.value : undefined;
    },
    set(key, value) {
      root = insert(root, key, value);
    },
    delete(key) {
      root = remove(root, key);
    },
    floor: (key) => nearest(key, true),
    ceiling: (key) => nearest(key, false),
  };
}
