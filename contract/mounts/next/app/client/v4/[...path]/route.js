import { server } from "../../../server.js";

// The two lines, with the import above.
const handle = (request) => server.fetch(request);
export { handle as GET, handle as POST, handle as PUT, handle as PATCH, handle as DELETE };
