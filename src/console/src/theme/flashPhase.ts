/**
 * Gives every flashing marker the same phase (A4).
 *
 * A CSS animation starts when its element appears, so two markers would flash against each other and together exceed
 * three flashes a second. Moving each start to the beginning of the document's timeline makes them one.
 */
export function shareFlashPhase(root: Document): void {
  root.addEventListener('animationstart', (event) => {
    if (!event.animationName.startsWith('flash-') || !(event.target instanceof Element)) return;
    for (const animation of event.target.getAnimations()) animation.startTime = 0;
  });
}
