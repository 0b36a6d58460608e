using Direct.Edge.Hosting;
using Direct.Gateway.Cluster;
using Direct.Gateway.Sessions;

var builder = WebApplication.CreateBuilder(args);
builder.AddDirectEdge(args, DirectCluster.Words);
builder.AddCluster();
builder.AddMySqlSessions();

return await builder.Build().RunDirectAsync();
