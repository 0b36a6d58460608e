using Direct.Silo.Hosting;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.AddSiloSettings(args);
builder.AddQuietLogging();
builder.AddDirectSilo();

return await builder.Build().RunDirectSiloAsync();
