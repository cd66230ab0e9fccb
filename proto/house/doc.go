// Package house is empty: its tests are the rules of the house (what may import what, every package documented).
package house
