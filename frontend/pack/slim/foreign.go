//go:build !js

package main

// A page is not the program's alone: a browser that translates puts elements of its own in the place of every text,
// reading aids and extensions do the like. go-app keeps the nodes that it made; when one of them does not stand where
// it was put, its update would not be seen, and its removal would end the program. The copy looks before it touches a
// node, and puts the children of an element whose contents others have changed in order again: what is foreign goes,
// what is ours stays where it stands, so that nothing loses the focus.
const foreign = `package app

// stands says whether a node of ours is still a child of the element that it was put into.
func stands(parent HTML, child Wrapper) bool {
	return child.JSValue().Get("parentNode").Equal(parent.JSValue())
}

// elementAround is the element in which a node stands, through components that have none of their own.
func elementAround(v UI) HTML {
	for parent := v.parent(); parent != nil; parent = parent.parent() {
		if element, ok := parent.(HTML); ok {
			return element
		}
	}
	return nil
}

// heal makes the contents of an element those that it should have, in their order.
func heal(parent HTML) {
	element := parent.JSValue()
	var ours []Value
	for _, child := range parent.body() {
		if child != nil && child.JSValue() != nil {
			ours = append(ours, child.JSValue())
		}
	}
	at := element.firstChild()
	for _, child := range ours {
		for at.Truthy() && !at.Equal(child) && !among(ours, at) {
			next := at.Get("nextSibling")
			element.removeChild(at)
			at = next
		}
		if at.Truthy() && at.Equal(child) {
			at = at.Get("nextSibling")
			continue
		}
		element.Call("insertBefore", child, at)
	}
	for at.Truthy() {
		next := at.Get("nextSibling")
		element.removeChild(at)
		at = next
	}
}

func among(list []Value, v Value) bool {
	for _, one := range list {
		if one.Equal(v) {
			return true
		}
	}
	return false
}
`

// careful are the places of go-app's node.go that touch what stands in an element, and how they look first.
var careful = [][2]string{
	{`	v.value = new.value
	v.JSValue().setNodeValue(v.value)
	return v, nil
`, `	v.value = new.value
	v.JSValue().setNodeValue(v.value)
	if element := elementAround(v); element != nil && !stands(element, v) {
		heal(element)
	}
	return v, nil
`},
	{`	children := v.body()
	newChildren := new.body()
	sharedLen`, `	moved := false
	children := v.body()
	newChildren := new.body()
	sharedLen`},
	{`		v.JSValue().replaceChild(newChild, child)
		newChild = newChild.setParent(v)
`, `		if stands(v, child) {
			v.JSValue().replaceChild(newChild, child)
		} else {
			moved = true
		}
		newChild = newChild.setParent(v)
`},
	{`		v.JSValue().removeChild(child)
		m.Dismount(child)
		children[i] = nil
`, `		if stands(v, child) {
			v.JSValue().removeChild(child)
		} else {
			moved = true
		}
		m.Dismount(child)
		children[i] = nil
`},
	{`	v = v.setBody(children)
	return v, nil
}

func (m nodeManager) updateHTMLAttributes(`, `	v = v.setBody(children)
	if moved {
		heal(v)
	}
	return v, nil
}

func (m nodeManager) updateHTMLAttributes(`},
	{`		for parent := v.parent(); parent != nil; parent = parent.parent() {
			if parent, isHTML := parent.(HTML); isHTML {
				parent.JSValue().replaceChild(newRoot, root)
				break
			}
		}
		newRoot.setParent(v)
		v.setRoot(newRoot)
`, `		element := elementAround(v)
		moved := element != nil && !stands(element, root)
		if element != nil && !moved {
			element.JSValue().replaceChild(newRoot, root)
		}
		newRoot.setParent(v)
		v.setRoot(newRoot)
		if moved {
			heal(element)
		}
`},
}
