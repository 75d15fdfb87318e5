export const GET = () => new Response("the host's own page");
export const dynamic = "force-dynamic";
