using Direct.Edge.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.AddDirectEdge(args);
builder.AddInProcessBackplane();

return await builder.Build().RunDirectAsync();
