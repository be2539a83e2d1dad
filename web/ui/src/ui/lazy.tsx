// SPDX-License-Identifier: MIT
// A page whose code is fetched when it is first shown.
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

type Load = () => Promise<ComponentType>;

export function lazy(load: Load): ComponentType {
  let loaded: ComponentType | null = null;
  return function Lazy(): JSX.Element | null {
    const [, setReady] = useState(loaded !== null);
    const [error, setError] = useState("");
    useEffect(() => {
      if (loaded) return;
      load().then(
        (component) => {
          loaded = component;
          setReady(true);
        },
        () => setError("This page could not be loaded. The server may have been updated: reload."),
      );
    }, []);
    if (error) {
      return (
        <div class="empty"><h2>{error}</h2>
          <button class="button" onClick={() => window.location.reload()}>Reload</button></div>
      );
    }
    const Component = loaded;
    return Component ? <Component /> : null;
  };
}
