// Fetches and compiles a program beside the page, whose own thread stays free meanwhile.
"use strict";

onmessage = async ({ data }) => {
  try {
    const response = await fetch(data, { credentials: "same-origin" });
    if (!response.ok) throw new Error(response.status);
    postMessage(await WebAssembly.compileStreaming(response));
  } catch (error) {
    postMessage(String(error));
  }
};
