export { didYouMean, editDistance, nearestNames } from '../errors/nearest.js';
