package main

func generate() {}
